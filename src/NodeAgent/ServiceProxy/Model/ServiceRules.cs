using System.Net;
using KubeApi.Objects;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>
/// What the kernel shall do about Services, as data and without a word about how: one model for every back end. Made from snapshots of
/// the caches by a pure function; in a fixed order, so that the same objects give the same text.
/// </summary>
/// <param name="Problems">What was left out, and why; the rest is not held up by it.</param>
internal sealed record ServiceRules(IReadOnlyList<Frontend> Frontends, NodeFacts Node, IReadOnlyList<ServiceProblem> Problems)
{
    /// <summary>The frontends that these objects ask for. Services without a clusterIP (headless, ExternalName) have none.</summary>
    public static ServiceRules From(IEnumerable<Service> services, IEnumerable<EndpointSlice> slices, NodeFacts node)
    {
        var problems = new List<ServiceProblem>();
        var frontends = new Dictionary<(uint, string, int), Frontend>();
        var selection = new EndpointSelection(slices, problems);
        foreach (var service in services.Where(IsOurs).OrderBy(service => service.Metadata.CreationTimestamp).ThenBy(service => service.Key, StringComparer.Ordinal))
        {
            foreach (var frontend in FrontendsOf(service, selection, problems))
            {
                // Two Services with one address exist only for moments, while the API repairs it: the elder keeps its clients.
                if (!frontends.TryAdd((Ipv4.Number(frontend.Address), frontend.Protocol, frontend.Port), frontend))
                    problems.Add(new($"{frontend.Address}:{frontend.Port}/{frontend.Protocol} belongs to another Service already", frontend.Origin));
            }
        }
        return new(frontends.OrderBy(entry => entry.Key).Select(entry => entry.Value).ToList(), node, problems);
    }

    /// <summary>Not headless, not ExternalName, not handed to another proxy (well-known label service.kubernetes.io/service-proxy-name).</summary>
    private static bool IsOurs(Service service) =>
        service.Spec is { Type: not "ExternalName", ClusterIP: not (null or "" or "None") }
        && service.Metadata.Labels?.ContainsKey("service.kubernetes.io/service-proxy-name") != true;

    private static IEnumerable<Frontend> FrontendsOf(Service service, EndpointSelection selection, List<ServiceProblem> problems)
    {
        var origin = Origin.Of("Service", service);
        if (Ipv4.Parse(service.Spec!.ClusterIPs?.FirstOrDefault(address => !address.Contains(':')) ?? service.Spec.ClusterIP) is not { } address)
        {
            problems.Add(new($"clusterIP \"{service.Spec.ClusterIP}\" is not an IPv4 address", origin));
            yield break;
        }
        foreach (var port in service.Spec.Ports ?? [])
        {
            var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
            var label = $"{service.Key}:{(string.IsNullOrEmpty(port.Name) ? port.Port.ToString() : port.Name)}";
            if (protocol is not ("tcp" or "udp" or "sctp") || port.Port is < 1 or > 65535 || !label.All(IsNameCharacter))
            {
                problems.Add(new($"port {port.Port}/{port.Protocol} \"{port.Name}\" is not a valid port", origin));
                continue;
            }
            var serving = selection.Serving(service, port.Name, protocol);
            yield return new Frontend(address, protocol, port.Port, label, EndpointSelection.Choose(serving), serving, origin);
        }
    }

    /// <summary>What names can hold after the API's validation; anything else must not reach the text of a rule.</summary>
    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or ':' or '_';
}

/// <summary>An address, protocol and port at which a Service is reached, and where it leads.</summary>
/// <param name="Protocol">tcp, udp or sctp.</param>
/// <param name="Label"><c>namespace/service:port</c>, the port by name where it has one: for comments, and the identity behind chain names.</param>
/// <param name="Endpoints">Those that take new connections, in order of address. Empty = refuse.</param>
/// <param name="Serving">Those that may keep connections which they have: also terminating ones that still serve.</param>
internal sealed record Frontend(IPAddress Address, string Protocol, int Port, string Label,
    IReadOnlyList<ServiceEndpoint> Endpoints, IReadOnlyList<ServiceEndpoint> Serving, Origin Origin);

/// <summary>One backend of a frontend.</summary>
/// <param name="Origin">The EndpointSlice.</param>
internal sealed record ServiceEndpoint(IPAddress Address, int Port, bool Ready, bool Terminating, Origin Origin);

/// <summary>Something that an object asks for and that cannot be done.</summary>
internal sealed record ServiceProblem(string Text, Origin Origin)
{
    public override string ToString() => $"{Origin}: {Text}";
}
