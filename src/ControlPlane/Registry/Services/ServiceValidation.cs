using System.Net.Sockets;
using ControlPlane.Registry.Pods;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Services;

/// <summary>Rules for Services (core/validation ValidateService), in a cluster with IPv4 only.</summary>
internal static class ServiceValidation
{
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private const int KubeletPort = 10250;
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    public static void Validate(Service service, FieldErrors errors)
    {
        var spec = service.Spec ?? new ServiceSpec();
        errors.OneOf("spec.type", spec.Type, Types);
        var headless = IsHeadless(spec);
        if (spec.Type == "ExternalName") ExternalName(spec, errors);
        else if (spec.Ports is not { Count: > 0 } && !headless) errors.Required("spec.ports");
        if (headless && spec.Type is "NodePort" or "LoadBalancer")
            errors.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {spec.Type} services");
        Ports(spec, errors);
        ObjectMetaValidation.Labels(spec.Selector, "spec.selector", errors);
        Affinity(spec, errors);
        ClusterIPs(spec, errors);
        Families(spec, errors);
        OutsideAccess.Validate(service, errors);
    }

    public static bool IsHeadless(ServiceSpec spec) => spec.ClusterIP == "None" || spec.ClusterIPs is ["None", ..];

    public static void ValidateChange(ServiceSpec old, ServiceSpec updated, FieldErrors errors)
    {
        OutsideAccess.ValidateChange(old, updated, errors);
        if (!ServiceUpdate.NeedsClusterIP(old) || !ServiceUpdate.NeedsClusterIP(updated) || old.ClusterIPs is not [var before, ..]) return;
        if (updated.ClusterIPs is not [var after, ..]) errors.Invalid("spec.clusterIPs[0]", updated.ClusterIPs ?? [], "primary clusterIP can not be unset");
        else if (before != after) errors.Invalid("spec.clusterIPs[0]", updated.ClusterIPs, "may not change once set");
    }

    private static void ExternalName(ServiceSpec spec, FieldErrors errors)
    {
        if (spec.ClusterIPs is { Count: > 0 } || !string.IsNullOrEmpty(spec.ClusterIP)) errors.Forbidden("spec.clusterIPs", "may not be set for ExternalName services");
        if (spec.IpFamilies is { Count: > 0 }) errors.Forbidden("spec.ipFamilies", "may not be set for ExternalName services");
        if (spec.IpFamilyPolicy is not null) errors.Forbidden("spec.ipFamilyPolicy", "may not be set for ExternalName services");
        if (string.IsNullOrEmpty(spec.ExternalName)) errors.Required("spec.externalName");
        else errors.Check("spec.externalName", spec.ExternalName, Names.Dns1123Subdomain(spec.ExternalName.TrimEnd('.').Replace('_', '-')));
    }

    private static void Ports(ServiceSpec spec, FieldErrors errors)
    {
        var ports = spec.Ports ?? [];
        var (names, pairs, nodePorts) = (new HashSet<string>(), new HashSet<(int, string?)>(), new HashSet<(int, string?)>());
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports[i], $"spec.ports[{i}]");
            if (string.IsNullOrEmpty(port.Name))
            {
                if (ports.Count > 1) errors.Required($"{at}.name");
            }
            else if (Names.Dns1123Label(port.Name) is { } problem) errors.Invalid($"{at}.name", port.Name, problem);
            else if (!names.Add(port.Name)) errors.Duplicate($"{at}.name", port.Name);
            errors.Check($"{at}.port", port.Port, Names.Port(port.Port));
            if (spec.Type == "LoadBalancer" && port.Port == KubeletPort) errors.Invalid(at, port, $"may not expose port {KubeletPort} externally since it is used by kubelet");
            errors.OneOf($"{at}.protocol", port.Protocol, Protocols);
            ProbeValidation.Port(port.TargetPort ?? port.Port, $"{at}.targetPort", errors);
            if (port.AppProtocol is { } app) errors.Check($"{at}.appProtocol", app, Names.QualifiedName(app));
            if (!pairs.Add((port.Port, port.Protocol))) errors.Duplicate(at, new ServicePort { Protocol = port.Protocol, Port = port.Port });
            if (port.NodePort is null or 0) continue;
            if (spec.Type is "ClusterIP" or "ExternalName") errors.Forbidden($"{at}.nodePort", $"may not be used when `type` is '{spec.Type}'");
            else if (!nodePorts.Add((port.NodePort.Value, port.Protocol))) errors.Duplicate($"{at}.nodePort", port.NodePort);
        }
    }

    private static void Affinity(ServiceSpec spec, FieldErrors errors)
    {
        errors.OneOf("spec.sessionAffinity", spec.SessionAffinity, "ClientIP", "None");
        if (spec.SessionAffinity == "ClientIP" && spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds is { } seconds and (<= 0 or > 86400))
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, "must be greater than 0 and less than 86400");
        if (spec is { SessionAffinity: "None", SessionAffinityConfig: not null }) errors.Forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None");
    }

    private static void ClusterIPs(ServiceSpec spec, FieldErrors errors)
    {
        var addresses = spec.ClusterIPs ?? [];
        if (addresses is [var first, ..] && spec.ClusterIP != first)
            errors.Invalid("spec.clusterIPs", addresses, string.IsNullOrEmpty(spec.ClusterIP) ? "must be empty when `clusterIP` is not specified" : "first value must match `clusterIP`");
        if (addresses.Count > 1) errors.Invalid("spec.clusterIPs", addresses, "may specify no more than one IP for each IP family");
        for (var i = 0; i < addresses.Count; i++)
        {
            if (i == 0 && addresses[i] == "None") continue;
            if (IpAddress.Problem(addresses[i]) is { } problem) errors.Invalid($"spec.clusterIPs[{i}]", addresses[i], problem);
            else if (IpAddress.Parse(addresses[i])!.AddressFamily != AddressFamily.InterNetwork)
                errors.Invalid($"spec.clusterIPs[{i}]", addresses[i], "IPv6 is not configured on this cluster");
        }
    }

    private static void Families(ServiceSpec spec, FieldErrors errors)
    {
        var families = spec.IpFamilies ?? [];
        if (spec.Type == "ExternalName") return;
        if (spec.IpFamilyPolicy is { } policy)
        {
            errors.OneOf("spec.ipFamilyPolicy", policy, "PreferDualStack", "RequireDualStack", "SingleStack");
            if (policy == "RequireDualStack") errors.Invalid("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services");
        }
        for (var i = 0; i < families.Count; i++)
        {
            if (families[i] == "IPv6") errors.Invalid($"spec.ipFamilies[{i}]", families[i], "not configured on this cluster");
            else errors.OneOf($"spec.ipFamilies[{i}]", families[i], "IPv4", "IPv6");
            if (families.Take(i).Contains(families[i])) errors.Duplicate($"spec.ipFamilies[{i}]", families[i]);
        }
    }
}
