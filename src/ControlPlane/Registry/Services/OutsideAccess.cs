using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Services;

/// <summary>Rules for how a Service is reached from outside, and which traffic takes which way (core/validation ValidateService).</summary>
internal static class OutsideAccess
{
    /// <summary>What came before spec.loadBalancerSourceRanges and still counts where that is empty: ranges, separated by commas.</summary>
    public const string SourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";

    private const string LoadBalancersOnly = "may only be used when `type` is 'LoadBalancer'";
    private static readonly string[] Policies = ["Cluster", "Local"];

    public static void Validate(Service service, FieldErrors errors)
    {
        var spec = service.Spec ?? new ServiceSpec();
        for (var i = 0; i < (spec.ExternalIPs?.Count ?? 0); i++)
            errors.Check($"spec.externalIPs[{i}]", spec.ExternalIPs![i], IpAddress.SpecialProblem(spec.ExternalIPs[i]));
        Policy(spec, errors);
        HealthCheckNodePort(spec, errors);
        if (spec.TrafficDistribution is { } distribution)
            errors.OneOf("spec.trafficDistribution", distribution, "PreferClose", "PreferSameNode", "PreferSameZone");
        SourceRanges(service, spec, errors);
        LoadBalancer(spec, errors);
    }

    public static void ValidateChange(ServiceSpec old, ServiceSpec updated, FieldErrors errors)
    {
        if (ServiceUpdate.NeedsHealthCheckNodePort(old) && ServiceUpdate.NeedsHealthCheckNodePort(updated) && (old.HealthCheckNodePort ?? 0) != (updated.HealthCheckNodePort ?? 0))
            errors.Forbidden("spec.healthCheckNodePort", "field is immutable");
        if (old.Type == "LoadBalancer" && updated.Type == "LoadBalancer" && old.LoadBalancerClass != updated.LoadBalancerClass)
            errors.Invalid("spec.loadBalancerClass", updated.LoadBalancerClass, "may not change once set");
    }

    private static void Policy(ServiceSpec spec, FieldErrors errors)
    {
        if (spec.ExternalTrafficPolicy is { Length: > 0 } external)
        {
            if (!ServiceDefaults.IsReachableFromOutside(spec)) errors.Invalid("spec.externalTrafficPolicy", external, "may only be set for externally-accessible services");
            else errors.OneOf("spec.externalTrafficPolicy", external, Policies);
        }
        if (spec.InternalTrafficPolicy is { } within) errors.OneOf("spec.internalTrafficPolicy", within, Policies);
    }

    private static void HealthCheckNodePort(ServiceSpec spec, FieldErrors errors)
    {
        if (spec.HealthCheckNodePort is not { } port || port == 0) return; // one is chosen
        if (!ServiceUpdate.NeedsHealthCheckNodePort(spec))
            errors.Invalid("spec.healthCheckNodePort", port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        else errors.Check("spec.healthCheckNodePort", port, Names.Port(port));
    }

    private static void SourceRanges(Service service, ServiceSpec spec, FieldErrors errors)
    {
        for (var i = 0; i < (spec.LoadBalancerSourceRanges?.Count ?? 0); i++)
            errors.Check($"spec.loadBalancerSourceRanges[{i}]", spec.LoadBalancerSourceRanges![i], IpAddress.CidrProblem(spec.LoadBalancerSourceRanges[i].Trim()));
        if (spec.LoadBalancerSourceRanges is { Count: > 0 })
        {
            if (spec.Type != "LoadBalancer") errors.Forbidden("spec.LoadBalancerSourceRanges", LoadBalancersOnly); // Kubernetes' own spelling
            return;
        }
        if (service.Metadata.Annotations?.GetValueOrDefault(SourceRangesAnnotation) is not { } annotation) return;
        const string path = $"metadata.annotations[{SourceRangesAnnotation}]";
        if (spec.Type != "LoadBalancer") errors.Forbidden(path, LoadBalancersOnly);
        if (annotation.Trim() is { Length: > 0 } ranges && ranges.Split(',').Any(range => IpAddress.CidrProblem(range.Trim()) is not null))
            errors.Invalid(path, annotation, "must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 ");
    }

    private static void LoadBalancer(ServiceSpec spec, FieldErrors errors)
    {
        if (spec.Type == "LoadBalancer")
        {
            if (spec.LoadBalancerClass is { } wanted) errors.Check("spec.loadBalancerClass", wanted, Names.QualifiedName(wanted));
            return;
        }
        if (spec.AllocateLoadBalancerNodePorts is not null) errors.Forbidden("spec.allocateLoadBalancerNodePorts", LoadBalancersOnly);
        if (spec.LoadBalancerClass is not null) errors.Forbidden("spec.loadBalancerClass", LoadBalancersOnly);
    }
}
