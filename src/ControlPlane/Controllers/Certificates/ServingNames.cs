using System.Net;
using ControlPlane.Certificates;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Certificates;

/// <summary>
/// Which names a node's serving certificate may have without a person's word. A node writes its addresses itself, so
/// they prove little: with names of the API server, of a Service or of another node it could pose as them to anybody who
/// trusts the cluster's CA. Pure.
/// </summary>
internal static class ServingNames
{
    /// <summary>Null, or which name is not the node's.</summary>
    public static string? Refusal(SigningRequest asked, Node? node, IEnumerable<Node> nodes, IEnumerable<Service> services, Endpoints? apiServer)
    {
        if (node is null) return "the node has not registered";
        if (asked.DnsNames.FirstOrDefault(name => name != node.Name) is { } foreign) return $"DNS name {foreign} is not the node's name";
        var own = AddressesOf(node).ToHashSet();
        var taken = nodes.Where(other => other.Name != node.Name).SelectMany(AddressesOf).Concat(services.SelectMany(AddressesOf))
            .Concat((apiServer?.Subsets ?? []).SelectMany(subset => subset.Addresses ?? []).Select(address => address.Ip)).ToHashSet();
        foreach (var address in asked.Addresses)
        {
            if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) return $"{address} is no address of a node";
            if (!own.Contains(address.ToString())) return $"{address} is not among the node's addresses";
            if (taken.Contains(address.ToString())) return $"{address} is also an address of the API server, a Service or another node";
        }
        return null;
    }

    private static IEnumerable<string> AddressesOf(Node node) => (node.Status?.Addresses ?? []).Where(address => address.Type is "InternalIP" or "ExternalIP").Select(address => address.Address);

    private static IEnumerable<string> AddressesOf(Service service) =>
        [.. service.Spec?.ClusterIPs ?? [], .. service.Spec?.ExternalIPs ?? [], .. (service.Status?.LoadBalancer?.Ingress ?? []).Select(ingress => ingress.Ip ?? "")];
}
