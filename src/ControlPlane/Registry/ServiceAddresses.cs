using System.Net;
using ControlPlane.Registry.Services;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>
/// Hands out clusterIPs and nodePorts, each to one Service at a time. Called around the store's write:
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
    /// <exception cref="FormatException">The range is no IPv4 range of a supported size.</exception>
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
                foreach (var (port, protocol) in NodePortsOf(service))
                    if (nodePorts.Take(port, protocol) is { } problem) problems.Add($"{service.Key}: nodePort {port}: {problem}");
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
        if (service.Spec is not { } spec || spec.Type is not ("NodePort" or "LoadBalancer")) return service;
        var own = old is null ? [] : NodePortsOf(old).ToHashSet();
        var ports = (spec.Ports ?? []).ToArray();
        for (var i = 0; i < ports.Length; i++) // first what was asked for, lest an automatic choice takes it
        {
            if (ports[i].NodePort is not { } wanted || wanted == 0 || own.Contains((wanted, ports[i].Protocol ?? "TCP"))) continue;
            if (nodePorts.Take(wanted, ports[i].Protocol ?? "TCP") is not { } problem) continue;
            errors.Invalid($"spec.ports[{i}].nodePort", wanted, problem);
            ports[i] = ports[i] with { NodePort = null };
            return service with { Spec = spec with { Ports = [.. ports.Take(i + 1), .. ports.Skip(i + 1).Select(port => port with { NodePort = null })] } };
        }
        if (ServiceUpdate.NeedsNodePort(spec))
            for (var i = 0; i < ports.Length; i++)
            {
                if (ports[i].NodePort is > 0) continue;
                if (nodePorts.TakeAny(ports[i].Protocol ?? "TCP") is { } free) ports[i] = ports[i] with { NodePort = free };
                else errors.Invalid($"spec.ports[{i}].nodePort", 0, "failed to allocate a nodePort: range is full");
            }
        return service with { Spec = spec with { Ports = ports } };
    }

    private void ReleaseLocked(Service service, Service? keep)
    {
        foreach (var ip in AddressesOf(service).Except(keep is null ? [] : AddressesOf(keep))) clusterIPs.Release(ip);
        foreach (var (port, protocol) in NodePortsOf(service).Except(keep is null ? [] : NodePortsOf(keep))) nodePorts.Release(port, protocol);
    }

    private static Service WithoutAddresses(Service service) => service with { Spec = service.Spec! with { ClusterIP = null, ClusterIPs = null } };

    private static IEnumerable<string> AddressesOf(Service service) =>
        service.Spec is { Type: not "ExternalName", ClusterIP: { Length: > 0 } ip } && ip != "None" ? [ip] : [];

    private static IEnumerable<(int Port, string Protocol)> NodePortsOf(Service service) =>
        service.Spec is { Type: "NodePort" or "LoadBalancer" } spec
            ? (spec.Ports ?? []).Where(port => port.NodePort is > 0).Select(port => (port.NodePort!.Value, port.Protocol ?? "TCP")).Distinct() : [];
}
