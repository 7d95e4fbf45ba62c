using KubeApi.Objects;

namespace ControlPlane.Controllers.Certificates;

/// <summary>Whether somebody who joins may have a node's name: not while a machine lives under it. Pure.</summary>
internal static class NodeNameClaim
{
    /// <summary>
    /// Null, or who has the name. By the node's Ready condition, which the node lifecycle controller makes Unknown when the node falls silent:
    /// the times that the node writes itself are of its own clock.
    /// </summary>
    public static string? Refusal(string name, Node? node) => node is null || node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status == "Unknown" ? null
        : $"node \"{name}\" is alive at {AddressOf(node)}; give this machine another name, or stop that one and delete its Node object";

    private static string AddressOf(Node node) => node.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address ?? "an unknown address";
}
