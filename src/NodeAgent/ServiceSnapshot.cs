using System.Net;
using System.Text.Json;
using KubeApi;
using KubeApi.Objects;
using NodeFacts = NodeAgent.ServiceProxy.Model.NodeFacts;

namespace NodeAgent;

/// <summary>
/// What the Service rules were last made from, kept in <c>/run/nodeagent/services.json</c>, so that <c>nodeagent state</c>
/// can say of each rule which object it came from, also when neither agent nor control plane runs, and an agent that
/// starts while the control plane is away can answer DNS queries.
/// </summary>
internal sealed record ServiceSnapshot(IReadOnlyList<Service> Services, IReadOnlyList<EndpointSlice> Slices, IReadOnlyList<Node> Nodes,
    string NodeName, string ClusterCidr, string ServiceCidr)
{
    /// <summary>Number of the file with what changed since; see <see cref="ServiceSnapshotFile"/>.</summary>
    public long Journal { get; init; }

    /// <summary>Names of the nodes that are reached through VXLAN.</summary>
    public IReadOnlyList<string>? Tunnelled { get; init; }

    public IReadOnlyList<string> NodePortAddresses { get; init; } = [];

    public bool LocalhostNodePorts { get; init; } = true;

    public ServiceProxy.ProxyMode ProxyMode { get; init; }

    public NodeFacts Facts() => NodePeers.Facts(Nodes, NodeName, IPNetwork.Parse(ClusterCidr), IPNetwork.Parse(ServiceCidr), Tunnelled) with
    {
        NodePortAddresses = [.. NodePortAddresses.Select(network => IPNetwork.Parse(network))], LocalhostNodePorts = LocalhostNodePorts,
    };

    /// <summary>What the rules shall be made from.</summary>
    public ServiceProxy.Model.ServiceTable Table() =>
        ServiceProxy.Model.ServiceTable.Of(Services, [.. Slices.Select(slice => DnsPart.OfOtherNodes(slice, NodeName))], Facts());

    /// <summary>Null where there is none, or none that can be read: then rules are printed without their objects.</summary>
    public static ServiceSnapshot? Read(NodePaths paths)
    {
        try { return KubeJson.Deserialize<ServiceSnapshot>(File.ReadAllBytes(Place(paths))) is { } whole ? whole.With(Journaled(JournalPlace(paths, whole.Journal))) : null; }
        catch (Exception e) when (e is IOException or JsonException) { return null; }
    }

    private static IEnumerable<SnapshotChange> Journaled(string place) => File.Exists(place) ? File.ReadAllLines(place).Select(SnapshotChange.Parse).OfType<SnapshotChange>() : [];

    private ServiceSnapshot With(IEnumerable<SnapshotChange> changes)
    {
        var (services, slices, nodes) = (Services.ToDictionary(service => service.Key), Slices.ToDictionary(slice => slice.Key), Nodes.ToDictionary(node => node.Key));
        foreach (var change in changes)
        {
            if (change.Kind == nameof(Service)) Put(services, change.Key, change.Service);
            else if (change.Kind == nameof(EndpointSlice)) Put(slices, change.Key, change.Slice);
            else Put(nodes, change.Key, change.Node);
        }
        return this with { Services = [.. services.Values], Slices = [.. slices.Values], Nodes = [.. nodes.Values] };

        static void Put<T>(Dictionary<string, T> all, string key, T? now) where T : class
        {
            if (now is null) all.Remove(key);
            else all[key] = now;
        }
    }

    public static string Place(NodePaths paths) => Path.Combine(paths.Run, "services.json");

    public static string JournalPlace(NodePaths paths, long number) => Path.Combine(paths.Run, $"services.{number}.jsonl");
}
