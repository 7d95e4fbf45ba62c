using System.Net;
using KubeApi.Objects;

namespace NodeAgent.Dns;

/// <summary>
/// Pure: a Service and its EndpointSlices → records, by "Kubernetes DNS-Based Service Discovery" 1.1.0 (kubernetes/dns, docs/specification.md).
/// </summary>
/// <param name="domain">The cluster's, in wire form.</param>
internal sealed class ServiceNames(byte[] domain)
{
    private readonly byte[] services = DnsName.Below(domain, "svc") ?? throw new FormatException("the cluster domain is too long");

    /// <summary>An address with the name that it has below the Service's.</summary>
    private sealed record NamedEndpoint(IPAddress Address, byte[] Name, byte[] Data, IReadOnlyList<DiscoveryEndpointPort> Ports);

    public IEnumerable<DnsRecord> Of(Service service, IEnumerable<EndpointSlice> slices)
    {
        if (service.Spec is not { } spec || DnsName.Below(services, $"{service.Name}.{service.Namespace}") is not { } name) return [];
        if (spec.Type == "ExternalName")
            return DnsName.Parse(spec.ExternalName ?? "") is { Length: > 1 } target ? [new(name, RecordType.CNAME, target)] : [];
        return spec.ClusterIP == "None" ? Headless(name, Endpoints(service, name, slices)) : WithAddress(name, spec);
    }

    private static IEnumerable<DnsRecord> WithAddress(byte[] name, ServiceSpec spec)
    {
        var addresses = (spec.ClusterIPs is { Count: > 0 } several ? several : [spec.ClusterIP ?? ""])
            .Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>().ToList();
        if (addresses.Count == 0) yield break;
        foreach (var address in addresses)
        {
            yield return Address(name, address);
            yield return new(DnsName.Reverse(address), RecordType.PTR, name);
        }
        List<byte[]> glue = [.. addresses.Select(address => address.GetAddressBytes())];
        foreach (var port in spec.Ports ?? [])
            if (PortName(name, port.Name, port.Protocol) is { } srv) yield return DnsRecord.Srv(srv, 100, port.Port, name, glue);
    }

    /// <summary>Without an endpoint that is ready there is no such name.</summary>
    private static IEnumerable<DnsRecord> Headless(byte[] name, IReadOnlyList<NamedEndpoint> endpoints)
    {
        var weight = Math.Max(1, 100 / Math.Max(1, endpoints.Count));
        foreach (var endpoint in endpoints)
        {
            yield return Address(name, endpoint.Address);
            yield return Address(endpoint.Name, endpoint.Address);
            yield return new(DnsName.Reverse(endpoint.Address), RecordType.PTR, endpoint.Name);
            foreach (var port in endpoint.Ports)
                if (port.Port is { } number && PortName(name, port.Name, port.Protocol) is { } srv)
                    yield return DnsRecord.Srv(srv, weight, number, endpoint.Name, [endpoint.Data]);
        }
    }

    private static List<NamedEndpoint> Endpoints(Service service, byte[] name, IEnumerable<EndpointSlice> slices)
    {
        var all = service.Spec!.PublishNotReadyAddresses == true;
        var found = new Dictionary<IPAddress, NamedEndpoint>();
        foreach (var slice in slices.Where(slice => slice.AddressType is "IPv4" or "IPv6").OrderBy(slice => slice.Key, StringComparer.Ordinal))
        foreach (var endpoint in slice.Endpoints ?? [])
        {
            if (!all && endpoint.Conditions?.Ready == false) continue;
            foreach (var text in endpoint.Addresses)
            {
                if (!IPAddress.TryParse(text, out var address)) continue;
                var label = endpoint.Hostname is { Length: > 0 } host ? host : text.Replace('.', '-').Replace(':', '-');
                if (DnsName.Below(name, label) is { } own) found.TryAdd(address, new(address, own, address.GetAddressBytes(), slice.Ports ?? []));
            }
        }
        return [.. found.Values];
    }

    private static DnsRecord Address(byte[] name, IPAddress address) =>
        new(name, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA, address.GetAddressBytes());

    /// <summary>Null for a port without a name: it has no SRV record.</summary>
    private static byte[]? PortName(byte[] service, string? port, string? protocol) =>
        string.IsNullOrEmpty(port) ? null : DnsName.Below(service, $"_{port}._{(protocol ?? "TCP").ToLowerInvariant()}");
}
