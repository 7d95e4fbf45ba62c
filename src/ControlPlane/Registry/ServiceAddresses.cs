using System.Net;
using ControlPlane.Registry.Services;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>
/// Hands out clusterIPs, nodePorts and health-check ports, each to one Service at a time. Called around the store's write:
/// <see cref="Allocate"/> before it; afterwards <see cref="Release"/> of what the losing version held and the winning
/// one does not: after a create or update that failed <c>Release(allocated, keep: old)</c>, after an update
/// <c>Release(old, keep: allocated)</c>, after a delete <c>Release(deleted)</c>. Safe for concurrent use.
/// </summary>
internal sealed class ServiceAddresses
{
    private readonly Lock gate = new();
    private readonly ClusterIpRange clusterIPs;
    private readonly NodePortRange nodePorts;

    /// <param name="serviceCidr">IPv4, e.g. <c>10.96.0.0/16</c>; /29 to /12.</param>
    /// <exception cref="FormatException">The range is no IPv4 range of a supported size, or the ports are no range.</exception>
    public ServiceAddresses(string serviceCidr, int firstNodePort = 30000, int lastNodePort = 32767)
    {
        clusterIPs = new ClusterIpRange(serviceCidr);
        nodePorts = new NodePortRange(firstNodePort, lastNodePort);
    }

    /// <summary>The address of the Service <c>kubernetes</c>: the first of the range.</summary>
    public IPAddress KubernetesAddress => clusterIPs.First;

    /// <summary>The address of the Service <c>kube-dns</c>: the tenth; null where the range has none.</summary>
    public IPAddress? DnsAddress => clusterIPs.Dns;

    /// <summary>Takes over what stored Services hold, at start. Says which of them clash with another or lie outside the ranges.</summary>
    public IReadOnlyList<string> Rebuild(IEnumerable<Service> services)
    {
        var problems = new List<string>();
        lock (gate)
            foreach (var service in services)
            {
                foreach (var ip in AddressesOf(service))
                    if (clusterIPs.Take(ip) is { } problem) problems.Add($"{service.Key}: clusterIP {ip}: {problem}");
                foreach (var port in PortsOf(service))
                    if (nodePorts.Take(port) is { } problem) problems.Add($"{service.Key}: nodePort {port}: {problem}");
            }
        return problems;
    }

    /// <summary>
    /// The Service with every clusterIP and nodePort that its type needs. What <paramref name="old"/> holds already is
    /// its own. With errors nothing stays allocated and the Service comes back as it was.
    /// </summary>
    /// <param name="old">The stored version at an update, null at a create.</param>
    public Service Allocate(Service? old, Service service, FieldErrors errors)
    {
        var before = errors.Causes.Count;
        lock (gate)
        {
            var allocated = AllocateNodePorts(old, AllocateClusterIP(old, service, errors), errors);
            // Nothing more once something is missing: what the client asked for and was not taken must not be given back.
            allocated = errors.Causes.Count == before ? AllocateHealthCheckNodePort(old, allocated, errors) : WithoutHealthCheckNodePort(allocated);
            if (errors.Causes.Count == before) return allocated;
            ReleaseLocked(allocated, old);
            return service;
        }
    }

    /// <summary>Gives back what <paramref name="service"/> holds and <paramref name="keep"/> does not.</summary>
    public void Release(Service service, Service? keep = null)
    {
        lock (gate) ReleaseLocked(service, keep);
    }

    private Service AllocateClusterIP(Service? old, Service service, FieldErrors errors)
    {
        var spec = service.Spec ?? new ServiceSpec();
        if (!ServiceUpdate.NeedsClusterIP(spec) || ServiceValidation.IsHeadless(spec)) return service;
        if (!string.IsNullOrEmpty(spec.ClusterIP))
        {
            if (old is not null && AddressesOf(old).Contains(spec.ClusterIP)) return service;
            if (IpAddress.Parse(spec.ClusterIP) is null) return service; // nothing to take; validation says what is wrong with it
            if (clusterIPs.Take(spec.ClusterIP) is not { } problem)
                return service with { Spec = spec with { ClusterIPs = spec.ClusterIPs is { Count: > 0 } given ? given : [spec.ClusterIP] } };
            errors.Invalid("spec.clusterIPs", new[] { spec.ClusterIP }, $"failed to allocate IP {spec.ClusterIP}: {problem}");
            return WithoutAddresses(service);
        }
        if (spec.ClusterIPs is { Count: > 0 }) return service; // without clusterIP that is wrong, and validation's to say
        if (clusterIPs.TakeAny() is { } free) return service with { Spec = spec with { ClusterIP = free, ClusterIPs = [free] } };
        errors.Invalid("spec.clusterIPs", Array.Empty<string>(), "failed to allocate a serviceIP: range is full");
        return service;
    }

    private Service AllocateNodePorts(Service? old, Service service, FieldErrors errors)
    {
        if (service.Spec is not { } spec || !ServiceUpdate.NeedsNodePort(spec)) return service;
        var held = old?.Spec is { } before && ServiceUpdate.NeedsNodePort(before) ? ServiceUpdate.NodePorts(before).ToHashSet() : [];
        var ports = (spec.Ports ?? []).ToArray();
        for (var i = 0; i < ports.Length; i++) // first what was asked for, lest an automatic choice takes it
        {
            // One number may serve several protocols of the same Service.
            if (ports[i].NodePort is not { } wanted || wanted == 0 || !held.Add(wanted) || nodePorts.Take(wanted) is not { } problem) continue;
            errors.Invalid($"spec.ports[{i}].nodePort", wanted, problem);
            return service with { Spec = spec with { Ports = [.. ports.Take(i), .. ports.Skip(i).Select(port => port with { NodePort = null })] } };
        }
        if (ServiceUpdate.AllocatesNodePorts(spec))
            for (var i = 0; i < ports.Length; i++)
            {
                if (ports[i].NodePort is > 0) continue;
                if ((Companion(ports, ports[i]) ?? nodePorts.TakeAny()) is { } free) ports[i] = ports[i] with { NodePort = free };
                else errors.Invalid($"spec.ports[{i}].nodePort", 0, "failed to allocate a nodePort: range is full");
            }
        return service with { Spec = spec with { Ports = ports } };
    }

    /// <summary>The number that the same port has for another protocol: DNS is to have one number for TCP and UDP.</summary>
    private static int? Companion(ServicePort[] ports, ServicePort port) => ports.FirstOrDefault(other => other.Port == port.Port && other.NodePort is > 0
        && !ports.Any(rival => rival.NodePort == other.NodePort && rival.Protocol == port.Protocol))?.NodePort;

    /// <summary>The port at which nodes tell load balancers whether they have endpoints, where the Service needs one.</summary>
    private Service AllocateHealthCheckNodePort(Service? old, Service service, FieldErrors errors)
    {
        if (service.Spec is not { } spec || !ServiceUpdate.NeedsHealthCheckNodePort(spec)) return service;
        if (spec.HealthCheckNodePort is not { } wanted || wanted == 0)
        {
            if (nodePorts.TakeAny() is { } free) return service with { Spec = spec with { HealthCheckNodePort = free } };
            errors.Invalid("spec.healthCheckNodePort", 0, "failed to allocate a HealthCheck NodePort: range is full");
            return service;
        }
        if (old?.Spec is { } before && ServiceUpdate.NeedsHealthCheckNodePort(before) && before.HealthCheckNodePort == wanted) return service;
        if (nodePorts.Take(wanted) is not { } problem) return service;
        errors.Invalid("spec.healthCheckNodePort", wanted, $"failed to allocate requested HealthCheck NodePort {wanted}: {problem}");
        return service with { Spec = spec with { HealthCheckNodePort = null } };
    }

    private void ReleaseLocked(Service service, Service? keep)
    {
        foreach (var ip in AddressesOf(service).Except(keep is null ? [] : AddressesOf(keep))) clusterIPs.Release(ip);
        foreach (var port in PortsOf(service).Except(keep is null ? [] : PortsOf(keep))) nodePorts.Release(port);
    }

    private static Service WithoutAddresses(Service service) => service with { Spec = service.Spec! with { ClusterIP = null, ClusterIPs = null } };

    private static IEnumerable<string> AddressesOf(Service service) =>
        service.Spec is { Type: not "ExternalName", ClusterIP: { Length: > 0 } ip } && ip != "None" ? [ip] : [];

    private static Service WithoutHealthCheckNodePort(Service service) => service with { Spec = service.Spec! with { HealthCheckNodePort = null } };

    /// <summary>Of the node-port range: those of the Service's ports, and its health-check port.</summary>
    private static IEnumerable<int> PortsOf(Service service) => service.Spec is not { } spec ? []
        : (ServiceUpdate.NeedsNodePort(spec) ? ServiceUpdate.NodePorts(spec) : [])
            .Append(ServiceUpdate.NeedsHealthCheckNodePort(spec) ? spec.HealthCheckNodePort ?? 0 : 0).Where(port => port > 0).Distinct();
}
