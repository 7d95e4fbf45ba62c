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
    /// <summary>Names of the nodes that are reached through VXLAN.</summary>
    public IReadOnlyList<string>? Tunnelled { get; init; }

    public IReadOnlyList<string> NodePortAddresses { get; init; } = [];

    public bool LocalhostNodePorts { get; init; } = true;

    public ServiceProxy.ProxyMode ProxyMode { get; init; }

    public NodeFacts Facts() => NodePeers.Facts(Nodes, NodeName, IPNetwork.Parse(ClusterCidr), IPNetwork.Parse(ServiceCidr), Tunnelled) with
    {
        NodePortAddresses = [.. NodePortAddresses.Select(network => IPNetwork.Parse(network))], LocalhostNodePorts = LocalhostNodePorts,
    };

    public void Write(NodePaths paths)
    {
        Directory.CreateDirectory(paths.Run);
        File.WriteAllBytes(Place(paths) + ".tmp", KubeJson.Serialize(this));
        File.Move(Place(paths) + ".tmp", Place(paths), overwrite: true);
    }

    /// <summary>Null where there is none, or none that can be read: then rules are printed without their objects.</summary>
    public static ServiceSnapshot? Read(NodePaths paths)
    {
        try { return KubeJson.Deserialize<ServiceSnapshot>(File.ReadAllBytes(Place(paths))); }
        catch (Exception e) when (e is IOException or JsonException) { return null; }
    }

    private static string Place(NodePaths paths) => Path.Combine(paths.Run, "services.json");
}
