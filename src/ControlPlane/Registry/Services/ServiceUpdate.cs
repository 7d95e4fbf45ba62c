using KubeApi.Objects;

namespace ControlPlane.Registry.Services;

/// <summary>
/// What an update keeps without being asked and what a change of type takes away
/// (k8s.io/kubernetes core/service patchAllocatedValues, dropTypeDependentFields).
/// </summary>
internal static class ServiceUpdate
{
    public static ServiceSpec Prepare(ServiceSpec old, ServiceSpec updated) => KeepAllocated(old, DropForType(old, ServiceAddress(old, updated)));

    /// <summary>A patch of clusterIP alone changes the first of clusterIPs too.</summary>
    private static ServiceSpec ServiceAddress(ServiceSpec old, ServiceSpec updated)
    {
        if (updated.ClusterIP == old.ClusterIP || updated.ClusterIPs is not { Count: > 0 } addresses || !addresses.SequenceEqual(old.ClusterIPs ?? [])) return updated;
        return updated with { ClusterIPs = string.IsNullOrEmpty(updated.ClusterIP) ? null : [updated.ClusterIP, .. addresses.Skip(1)] };
    }

    /// <summary>What was allocated for the old type goes when the new type has no use for it, unless the client changed it in the same breath.</summary>
    private static ServiceSpec DropForType(ServiceSpec old, ServiceSpec updated)
    {
        if (NeedsClusterIP(old) && !NeedsClusterIP(updated)) updated = DropAddress(old, updated);
        if (NeedsNodePort(old) && !NeedsNodePort(updated) && NodePorts(updated).ToHashSet().IsSubsetOf(NodePorts(old)))
            updated = updated with { Ports = updated.Ports?.Select(port => port with { NodePort = null }).ToList() };
        return DropLoadBalancers(old, DropTrafficPolicies(old, updated));
    }

    /// <summary>Each by itself: who empties clusterIP has not asked for the families to stay.</summary>
    private static ServiceSpec DropAddress(ServiceSpec old, ServiceSpec updated)
    {
        if (updated.ClusterIP == old.ClusterIP) updated = updated with { ClusterIP = null, ClusterIPs = null };
        if ((updated.IpFamilies ?? []).SequenceEqual(old.IpFamilies ?? [])) updated = updated with { IpFamilies = null };
        if (updated.IpFamilyPolicy == old.IpFamilyPolicy) updated = updated with { IpFamilyPolicy = null };
        return updated;
    }

    private static ServiceSpec DropTrafficPolicies(ServiceSpec old, ServiceSpec updated)
    {
        var (goesOut, goesIn) = (!ServiceDefaults.IsReachableFromOutside(updated), updated.Type == "ExternalName");
        if (goesOut && ServiceDefaults.IsReachableFromOutside(old) && updated.ExternalTrafficPolicy == old.ExternalTrafficPolicy)
            updated = updated with { ExternalTrafficPolicy = null };
        if (goesIn && old.Type != "ExternalName" && updated.InternalTrafficPolicy == old.InternalTrafficPolicy)
            updated = updated with { InternalTrafficPolicy = null };
        return updated;
    }

    private static ServiceSpec DropLoadBalancers(ServiceSpec old, ServiceSpec updated)
    {
        if (NeedsHealthCheckNodePort(old) && !NeedsHealthCheckNodePort(updated) && updated.HealthCheckNodePort == old.HealthCheckNodePort)
            updated = updated with { HealthCheckNodePort = null };
        if (old.Type != "LoadBalancer" || updated.Type == "LoadBalancer") return updated;
        return updated with
        {
            AllocateLoadBalancerNodePorts = updated.AllocateLoadBalancerNodePorts == old.AllocateLoadBalancerNodePorts ? null : updated.AllocateLoadBalancerNodePorts,
            LoadBalancerClass = updated.LoadBalancerClass == old.LoadBalancerClass ? null : updated.LoadBalancerClass,
        };
    }

    private static ServiceSpec KeepAllocated(ServiceSpec old, ServiceSpec updated)
    {
        if (NeedsClusterIP(old) && NeedsClusterIP(updated) && string.IsNullOrEmpty(updated.ClusterIP))
            updated = updated with { ClusterIP = old.ClusterIP, ClusterIPs = old.ClusterIPs };
        if (NeedsHealthCheckNodePort(old) && NeedsHealthCheckNodePort(updated) && updated.HealthCheckNodePort is null or 0)
            updated = updated with { HealthCheckNodePort = old.HealthCheckNodePort };
        if (!NeedsNodePort(old) || !NeedsNodePort(updated)) return updated;
        // By name, so that a port keeps its number when anything else about it changes.
        var ports = (old.Ports ?? []).Where(port => port.NodePort is > 0).GroupBy(port => port.Name ?? "").ToDictionary(g => g.Key, g => g.First().NodePort);
        var used = NodePorts(old).Intersect(NodePorts(updated)).ToHashSet();
        return updated with
        {
            Ports = updated.Ports?.Select(port => port.NodePort is null or 0 && ports.GetValueOrDefault(port.Name ?? "") is { } kept && !used.Contains(kept)
                ? port with { NodePort = kept } : port).ToList(),
        };
    }

    public static bool NeedsClusterIP(ServiceSpec spec) => spec.Type != "ExternalName";

    /// <summary>The type has node ports; whether they are chosen unasked is another matter.</summary>
    public static bool NeedsNodePort(ServiceSpec spec) => spec.Type is "NodePort" or "LoadBalancer";

    /// <summary>Ports without a node port get one.</summary>
    public static bool AllocatesNodePorts(ServiceSpec spec) =>
        spec.Type == "NodePort" || spec is { Type: "LoadBalancer", AllocateLoadBalancerNodePorts: not false };

    public static bool NeedsHealthCheckNodePort(ServiceSpec spec) => spec is { Type: "LoadBalancer", ExternalTrafficPolicy: "Local" };

    public static IEnumerable<int> NodePorts(ServiceSpec spec) => (spec.Ports ?? []).Select(port => port.NodePort ?? 0).Where(port => port != 0);
}
