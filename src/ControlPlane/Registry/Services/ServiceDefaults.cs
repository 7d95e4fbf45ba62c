using KubeApi.Objects;

namespace ControlPlane.Registry.Services;

/// <summary>What a Service means where it is silent, in a cluster with IPv4 only.</summary>
internal static class ServiceDefaults
{
    private const int AffinitySeconds = 10800;

    public static Service Apply(Service service)
    {
        var spec = service.Spec ?? new ServiceSpec();
        spec = spec with
        {
            Type = string.IsNullOrEmpty(spec.Type) ? "ClusterIP" : spec.Type,
            SessionAffinity = string.IsNullOrEmpty(spec.SessionAffinity) ? "None" : spec.SessionAffinity,
            Ports = spec.Ports?.Select(Port).ToList(),
        };
        spec = spec with { SessionAffinityConfig = Affinity(spec) };
        return service with { Spec = TrafficPolicies(Addresses(spec)) };
    }

    /// <summary>Traffic to an address arrives still addressed to it, unless somebody says otherwise.</summary>
    public static LoadBalancerStatus? Apply(LoadBalancerStatus? status) => status?.Ingress is not { Count: > 0 } ingress ? status : status with
    {
        Ingress = [.. ingress.Select(entry => entry is { Ip.Length: > 0, IpMode: null } ? entry with { IpMode = "VIP" } : entry)],
    };

    private static ServicePort Port(ServicePort port) => port with
    {
        Protocol = string.IsNullOrEmpty(port.Protocol) ? "TCP" : port.Protocol,
        TargetPort = port.TargetPort is { Text: null or "", Number: 0 } or null ? port.Port : port.TargetPort,
    };

    private static SessionAffinityConfig? Affinity(ServiceSpec spec) => spec.SessionAffinity switch
    {
        "ClientIP" => new SessionAffinityConfig { ClientIP = new ClientIPConfig { TimeoutSeconds = spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? AffinitySeconds } },
        "None" => null,
        _ => spec.SessionAffinityConfig,
    };

    /// <summary>clusterIP is the first of clusterIPs, whichever of the two the client sent.</summary>
    private static ServiceSpec Addresses(ServiceSpec spec)
    {
        if (spec.Type == "ExternalName") return spec;
        if (!string.IsNullOrEmpty(spec.ClusterIP) && spec.ClusterIPs is not { Count: > 0 }) spec = spec with { ClusterIPs = [spec.ClusterIP] };
        return spec with
        {
            IpFamilyPolicy = string.IsNullOrEmpty(spec.IpFamilyPolicy) ? "SingleStack" : spec.IpFamilyPolicy,
            IpFamilies = spec.IpFamilies is { Count: > 0 } ? spec.IpFamilies : ["IPv4"],
        };
    }

    private static ServiceSpec TrafficPolicies(ServiceSpec spec) => spec with
    {
        InternalTrafficPolicy = spec.InternalTrafficPolicy ?? (spec.Type == "ExternalName" ? null : "Cluster"),
        ExternalTrafficPolicy = string.IsNullOrEmpty(spec.ExternalTrafficPolicy) ? IsReachableFromOutside(spec) ? "Cluster" : null : spec.ExternalTrafficPolicy,
        AllocateLoadBalancerNodePorts = spec.AllocateLoadBalancerNodePorts ?? (spec.Type == "LoadBalancer" ? true : null),
    };

    public static bool IsReachableFromOutside(ServiceSpec spec) =>
        spec.Type is "NodePort" or "LoadBalancer" || spec is { Type: "ClusterIP", ExternalIPs.Count: > 0 };
}
