using System.Net;
using System.Net.Sockets;
using KubeApi.Objects;

namespace NodeAgent.LoadBalancers;

/// <summary>An address of a Service of type LoadBalancer for which a node of the cluster answers.</summary>
/// <param name="Service">namespace/name.</param>
/// <param name="Generation">Of the Service, if it has one.</param>
/// <param name="Nodes">Those that can serve it, where the policy is Local; null: all can.</param>
internal sealed record BalancedAddress(IPAddress Address, string Service, long? Generation, IReadOnlySet<string>? Nodes)
{
    /// <summary>The control plane's mark on Services whose addresses are of its pool (ControlPlane, Controllers/LoadBalancers).</summary>
    private const string PoolAnnotation = "nodeagent/load-balancer-pool";

    /// <summary>Whether a Service has addresses that nodes answer for. Those of other controllers are theirs.</summary>
    public static bool IsOurs(Service? service) =>
        service is { Spec: { Type: "LoadBalancer", LoadBalancerClass: null } } && service.Metadata.Annotations?.ContainsKey(PoolAnnotation) == true;

    /// <summary>Only nodes with endpoints of their own take traffic from outside.</summary>
    public static bool IsLocal(Service service) => service.Spec?.ExternalTrafficPolicy == "Local";

    /// <param name="slices">Of the Service; not looked at unless its policy is Local.</param>
    public static IEnumerable<BalancedAddress> Of(Service service, IEnumerable<EndpointSlice> slices)
    {
        if (!IsOurs(service)) yield break;
        var nodes = IsLocal(service) ? Serving(slices) : null;
        foreach (var ingress in service.Status?.LoadBalancer?.Ingress ?? [])
            if (ingress.IpMode is null or "VIP" && IPAddress.TryParse(ingress.Ip, out var address) && address.AddressFamily == AddressFamily.InterNetwork)
                yield return new BalancedAddress(address, service.Key, service.Metadata.Generation, nodes);
    }

    /// <summary>Nodes with a ready endpoint; with none anywhere those whose endpoints end but still serve.</summary>
    private static HashSet<string> Serving(IEnumerable<EndpointSlice> slices)
    {
        var endpoints = slices.SelectMany(slice => slice.Endpoints ?? []).Where(endpoint => endpoint.NodeName is { Length: > 0 }).ToList();
        var ready = endpoints.Where(endpoint => endpoint.Conditions?.Ready != false).Select(endpoint => endpoint.NodeName!).ToHashSet();
        return ready.Count > 0 ? ready
            : endpoints.Where(endpoint => endpoint.Conditions is { Serving: not false, Terminating: true }).Select(endpoint => endpoint.NodeName!).ToHashSet();
    }
}
