using System.Net;
using NodeAgent.Images;

namespace NodeAgent;

/// <summary>What <c>nodeagent run</c> was told.</summary>
/// <param name="NodeIp">Null: chosen.</param>
/// <param name="ImageStores">Extra, read-only stores.</param>
/// <param name="ClusterDns">Name servers of pods with dnsPolicy ClusterFirst; with none they get the node's.</param>
internal sealed record AgentOptions(string Kubeconfig, string NodeName, IPAddress? NodeIp, IReadOnlyList<string> ImageStores,
    IPNetwork ClusterCidr, IPNetwork ServiceCidr, IReadOnlyList<string> ClusterDns, string ClusterDomain, NodePaths Paths)
{
    /// <summary>Of the node's own server; 0 takes a free one.</summary>
    public int Port { get; init; } = Server.NodeServer.DefaultPort;

    /// <summary>Where the service proxy says that it is healthy; null = nowhere.</summary>
    public IPEndPoint? HealthzBindAddress { get; init; } = new(IPAddress.Any, 10256);

    public Logs.LogRotationOptions LogRotation { get; init; } = new();

    public Eviction.EvictionOptions Eviction { get; init; } = new();

    public Containers.ContainerOptions Containers { get; init; } = new();

    /// <summary>Folder of static pods' manifests.</summary>
    public string PodManifestPath { get; init; } = "/etc/nodeagent/manifests";

    /// <summary>Which nodes are reached through VXLAN.</summary>
    public PodNetwork.OverlayMode Overlay { get; init; }

    /// <summary>UDP port of VXLAN, the same on all nodes.</summary>
    public ushort VxlanPort { get; init; } = PodNetwork.PodNetworkConfig.DefaultVxlanPort;

    /// <summary>By what Services get into the kernel.</summary>
    public ServiceProxy.ProxyMode ProxyMode { get; init; }

    /// <summary>On which of the node's addresses nodePorts are served; none = on all.</summary>
    public IReadOnlyList<IPNetwork> NodePortAddresses { get; init; } = [];

    /// <summary>Whether nodePorts are served on 127.0.0.1 too; iptables mode only.</summary>
    public bool LocalhostNodePorts { get; init; } = true;

    /// <summary>By which address clients outside the cluster's network reach this node; null: none is known.</summary>
    public ExternalAddress? NodeExternalIp { get; init; }

    /// <summary>How long a deleted pod's stop signal waits at most until no node sends it new connections; zero: not at all.</summary>
    public TimeSpan EndpointWithdrawal { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest time for which the node's lease holds; in clusters of more than 200 nodes it grows, see <see cref="Kubelet.LeaseTimes"/>.</summary>
    public TimeSpan NodeLeaseDuration { get; init; } = Kubelet.LeaseTimes.DefaultDuration;

    /// <summary>How often the node's status is compared with the server's at least.</summary>
    public TimeSpan NodeStatusUpdateFrequency { get; init; } = TimeSpan.FromSeconds(10);

    public ImageOptions Images { get; init; } = new();
}
