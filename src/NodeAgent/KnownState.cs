using System.Net;
using KubeApi.Objects;
using NodeAgent.Kubelet;
using NodeAgent.KernelState;
using NodeAgent.PodNetwork;

namespace NodeAgent;

/// <summary>What the agent of this machine knew at last, from its own files: what the commands explain the kernel by that run beside it.</summary>
/// <param name="Node">Null where no agent has run since the machine was started.</param>
/// <param name="Services">Null where no agent has had the control plane's lists.</param>
internal sealed record KnownState(NodePaths Paths, NodeRecord? Node, ServiceSnapshot? Services, IReadOnlyList<PodRecord> Pods)
{
    public string NodeName => Node?.Name ?? Environment.MachineName;

    public static KnownState Read(NodePaths paths) =>
        new(paths, StateFile.TryRead<NodeRecord>(NodeRecord.Place(paths)), ServiceSnapshot.Read(paths), PodRecords.Read(paths));

    public ObjectVersions Versions() => new(NodeName, Services?.Nodes ?? [], Services?.Services ?? [],
        Pods.Select(record => KnownPod.Read(Paths, record.Uid)).OfType<Pod>());

    /// <summary>The pods that have a link of their own.</summary>
    public IEnumerable<PodPort> Ports() =>
        from record in Pods
        where record.Sandbox is { Removed: false, HostNetwork: false }
        let address = IPAddress.TryParse(record.Sandbox!.Address, out var parsed) ? parsed : null
        where address is not null
        select new PodPort(record.Namespace, record.Name, record.Uid, address);

    /// <summary>Null until the control plane has given this node a range of pod addresses.</summary>
    /// <exception cref="FormatException">The record is not one of ours.</exception>
    public PodNetworkConfig? Network() =>
        Node is { Address: not null } node && new PodCidrFile(NetworkPart.PodCidrPlace(Paths)).Read() is { } range
            ? new(node.Name, IPAddress.Parse(node.Address), range, IPNetwork.Parse(node.ServiceCidr!)) { PodsDirectory = Paths.RunPods, Overlay = node.Overlay, VxlanPort = node.VxlanPort }
            : null;
}

/// <summary>Which node this machine is, and what its agent was told: <c>/run/nodeagent/node.json</c>.</summary>
internal sealed record NodeRecord(string Name)
{
    /// <summary>The node's own.</summary>
    public string? Address { get; init; }

    public string? ServiceCidr { get; init; }
    public OverlayMode Overlay { get; init; }
    public ushort VxlanPort { get; init; }

    /// <summary>Where the agent answers DNS queries; null = it does not.</summary>
    public string? Dns { get; init; }

    public static string Place(NodePaths paths) => Path.Combine(paths.Run, "node.json");

    public static NodeRecord Of(AgentOptions options, IPAddress address) => new(options.NodeName)
    {
        Address = $"{address}", ServiceCidr = $"{options.ServiceCidr}", Overlay = options.Overlay, VxlanPort = options.VxlanPort, Dns = DnsPart.AddressOf(options)?.ToString(),
    };
}
