using System.Net;
using Linux;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace NodeAgent.PodNetwork;

/// <summary>What the network of one node is made from.</summary>
/// <param name="NodeName">metadata.name of the Node.</param>
/// <param name="NodeAddress">The node's InternalIP; some link of the node has it. See <see cref="NodeAddress.Choose"/>.</param>
/// <param name="PodCidr">spec.podCIDR of the Node; /30 is the smallest.</param>
/// <param name="ServiceCidr">The range of the clusterIPs.</param>
internal sealed record PodNetworkConfig(string NodeName, IPAddress NodeAddress, IPNetwork PodCidr, IPNetwork ServiceCidr)
{
    /// <summary>Where the caller pins each pod's namespaces: DIRECTORY/UID/ns/net.</summary>
    public string PodsDirectory { get; init; } = "/run/nodeagent/pods";

    /// <summary>The machine's own network namespace.</summary>
    public NetworkNamespace Node { get; init; } = NetworkNamespace.Current;

    /// <summary>How often everything is compared, besides after every event. Orphans are looked for only then and at the start.</summary>
    public TimeSpan FullCompareEvery { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long the node address may be missing, e.g. while a link is configured anew, before the node gives up.</summary>
    public TimeSpan AddressGrace { get; init; } = TimeSpan.FromSeconds(10);

    public OverlayMode Overlay { get; init; }

    /// <summary>UDP, the same on all nodes; the kernel's default, that of flannel too. IANA's is 4789.</summary>
    public ushort VxlanPort { get; init; } = DefaultVxlanPort;

    public const ushort DefaultVxlanPort = 8472;

    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Told of what others had altered (and who, which is unknown here); says how long to leave it alone then.</summary>
    public Func<IReadOnlyList<KernelState.KernelChange>, string?, TimeSpan> Repaired { get; init; } = (_, _) => TimeSpan.Zero;

    public string NetworkNamespacePath(string uid) => Path.Combine(PodsDirectory, uid, "ns", "net");
}

/// <summary>A pod that is to be connected.</summary>
/// <param name="NetworkNamespacePath">The pod's pinned network namespace, made by the caller (<see cref="PinnedNamespaces"/>).</param>
internal sealed record PodNetworkRequest(string Namespace, string Name, string Uid, string NetworkNamespacePath);

/// <summary>What a connected pod has got.</summary>
/// <param name="Address">status.podIP.</param>
/// <param name="HostLink">The node's end of the pod's veth pair.</param>
internal sealed record PodSandboxNetwork(IPAddress Address, string HostLink);

/// <summary>Another node.</summary>
internal sealed record Peer(string NodeName, IPAddress NodeAddress, IPNetwork PodCidr);
