using System.Net;
using KubeApi.Objects;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>Pure: a Service and its slices → its ports as the kernel shall serve them, without regard to other Services.</summary>
internal static class ServiceReading
{
    /// <summary>None for a Service without a clusterIP (headless, ExternalName), and one that is handed to another proxy.</summary>
    /// <param name="problems">What was left out, and why; the rest is not held up by it.</param>
    public static IReadOnlyList<ProxiedPort> PortsOf(Service service, IEnumerable<EndpointSlice> slices, NodeFacts node, List<ServiceProblem> problems)
    {
        if (!IsOurs(service)) return [];
        var origin = Origin.Of("Service", service);
        var addresses = Addresses(service, origin, problems).ToList();
        var used = slices.Where(EndpointSelection.IsUsed).OrderBy(slice => slice.Key, StringComparer.Ordinal).ToList();
        return [.. (service.Spec!.Ports ?? []).Select(port => PortOf(service, port, addresses, used, node, origin, problems)).OfType<ProxiedPort>()];
    }

    /// <summary>Not headless, not ExternalName, not handed to another proxy (well-known label service.kubernetes.io/service-proxy-name).</summary>
    private static bool IsOurs(Service service) =>
        service.Spec is { Type: not "ExternalName", ClusterIP: not (null or "" or "None") }
        && service.Metadata.Labels?.ContainsKey("service.kubernetes.io/service-proxy-name") != true;

    private static IEnumerable<(FrontendKind Kind, IPAddress Address)> Addresses(Service service, Origin origin, List<ServiceProblem> problems)
    {
        var spec = service.Spec!;
        var texts = new[] { (Kind: FrontendKind.ClusterIP, Text: spec.ClusterIPs?.FirstOrDefault(address => !address.Contains(':')) ?? spec.ClusterIP!) }
            .Concat((spec.ExternalIPs ?? []).Select(address => (Kind: FrontendKind.ExternalIP, Text: address)))
            .Concat((spec.Type == "LoadBalancer" ? service.Status?.LoadBalancer?.Ingress ?? [] : [])
                .Where(ingress => ingress is { Ip: not (null or ""), IpMode: null or "VIP" }).Select(ingress => (Kind: FrontendKind.LoadBalancer, Text: ingress.Ip!)));
        foreach (var (kind, text) in texts.DistinctBy(entry => entry.Text))
        {
            if (Ipv4.Parse(text) is { } address) yield return (kind, address);
            else if (kind == FrontendKind.ClusterIP || !IPAddress.TryParse(text, out var other) || other.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
                problems.Add(new($"{kind} \"{text}\" is not an IPv4 address", origin));
        }
    }

    private static ProxiedPort? PortOf(Service service, ServicePort port, List<(FrontendKind Kind, IPAddress Address)> addresses,
        List<EndpointSlice> slices, NodeFacts node, Origin origin, List<ServiceProblem> problems)
    {
        if (addresses.Count == 0) return null;
        var spec = service.Spec!;
        var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
        var label = $"{service.Key}:{(string.IsNullOrEmpty(port.Name) ? port.Port.ToString() : port.Name)}";
        if (protocol is not ("tcp" or "udp" or "sctp") || port.Port is < 1 or > 65535 || port.NodePort is < 0 or > 65535 || !label.All(IsNameCharacter))
        {
            problems.Add(new($"port {port.Port}/{port.Protocol} \"{port.Name}\" is not a valid port", origin));
            return null;
        }
        var frontends = addresses.Select(entry => new Frontend(entry.Kind, entry.Address, port.Port)).ToList();
        if (spec.Type is "NodePort" or "LoadBalancer" && port.NodePort is { } nodePort and > 0) frontends.Add(new(FrontendKind.NodePort, null, nodePort));
        var selection = EndpointSelection.Of(slices, port.Name, protocol, node, problems);
        return new ProxiedPort
        {
            Origin = origin, Label = label, Protocol = protocol, Frontends = frontends,
            Cluster = selection.Cluster, LocalEndpoints = selection.Local, Serving = selection.Serving,
            InternalLocal = spec.InternalTrafficPolicy == "Local", ExternalLocal = spec.ExternalTrafficPolicy == "Local",
            Affinity = spec.SessionAffinity == "ClientIP" ? TimeSpan.FromSeconds(spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? 10800) : null,
            SourceRanges = Ranges(spec, origin, problems), HealthCheckNodePort = spec is { Type: "LoadBalancer", ExternalTrafficPolicy: "Local", HealthCheckNodePort: > 0 } ? spec.HealthCheckNodePort : null,
        };
    }

    /// <summary>The IPv4 ones; where all are allowed, or none is given, there is nothing to check.</summary>
    private static IReadOnlyList<IPNetwork> Ranges(ServiceSpec spec, Origin origin, List<ServiceProblem> problems)
    {
        var ranges = new List<IPNetwork>();
        foreach (var text in (spec.LoadBalancerSourceRanges ?? []).Select(text => text.Trim()).Where(text => !text.Contains(':')))
        {
            if (IPNetwork.TryParse(text, out var range)) ranges.Add(range);
            else problems.Add(new($"loadBalancerSourceRanges \"{text}\" is not a network", origin));
        }
        // A range that cannot be read must not open the address to everybody.
        if (ranges.Count == 0 && spec.LoadBalancerSourceRanges is { Count: > 0 }) return [IPNetwork.Parse("255.255.255.255/32")];
        return ranges.Any(range => range.PrefixLength == 0) ? [] : [.. ranges.Distinct()];
    }

    /// <summary>What names can hold after the API's validation; anything else must not reach the text of a rule.</summary>
    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or ':' or '_';
}

/// <summary>Something that an object asks for and that cannot be done.</summary>
internal sealed record ServiceProblem(string Text, Origin Origin)
{
    public override string ToString() => $"{Origin}: {Text}";
}
