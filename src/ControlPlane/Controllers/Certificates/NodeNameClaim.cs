using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Certificates;

/// <summary>Whether somebody who joins may have a node's name: not while a machine lives under it.</summary>
internal static class NodeNameClaim
{
    private const string LeaseNamespace = "kube-node-lease";

    /// <summary>Null, or who has the name.</summary>
    /// <param name="grace">So long a node that says nothing counts as alive.</param>
    public static string? Refusal(string name, Informer<Node> nodes, Informer<Lease> leases, TimeSpan grace) =>
        nodes.Get(name) is { } node && leases.Get($"{LeaseNamespace}/{name}")?.Spec?.RenewTime is { } renewed && DateTime.UtcNow - renewed < grace
            ? $"node \"{name}\" is alive at {AddressOf(node)}; give this machine another name, or stop that one and delete its Node object" : null;

    private static string AddressOf(Node node) => node.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address ?? "an unknown address";
}
