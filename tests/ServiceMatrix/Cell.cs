namespace ServiceMatrix;

/// <summary>From where a connection is opened, as seen from the node at which it enters.</summary>
internal enum Vantage
{
    /// <summary>A pod of the node.</summary>
    Pod,

    /// <summary>A pod of the node that may be an endpoint itself: what comes back to it is a hairpin.</summary>
    EndpointPod,

    /// <summary>The node.</summary>
    Node,

    /// <summary>A host outside the cluster that sends by way of the node.</summary>
    Outside,

    /// <summary>The same, and no source range has it.</summary>
    Stranger,

    /// <summary>A pod of another node.</summary>
    PeerPod,

    /// <summary>Another node.</summary>
    PeerNode,
}

/// <summary>By what a Service is reached.</summary>
internal enum Target
{
    ClusterIP,
    ExternalIP,
    LoadBalancerIP,

    /// <summary>The nodePort at the node's own address.</summary>
    NodePort,

    /// <summary>The same at the address of the pods' bridge.</summary>
    NodePortOfBridge,

    /// <summary>The same at 127.0.0.1.</summary>
    NodePortOfLocalhost,

    /// <summary>A port of the clusterIP that the Service does not have.</summary>
    NoPort,

    /// <summary>An address of the Service network that no Service has.</summary>
    NoService,
}

/// <summary>One connection to be tried.</summary>
/// <param name="Entry">The node whose rules meet it.</param>
internal sealed record Cell(MatrixService Service, string Protocol, int Entry, Target Target, Vantage Vantage)
{
    private static readonly Vantage[] Near = [Vantage.Pod, Vantage.EndpointPod, Vantage.Node, Vantage.Outside, Vantage.Stranger];

    public static IEnumerable<Cell> Of(MatrixService service) =>
        from protocol in MatrixService.Protocols from entry in AddressPlan.Nodes from target in Enum.GetValues<Target>()
        where target != Target.NoService || service.Number == 1
        from vantage in From(target)
        select new Cell(service, protocol, entry, target, vantage);

    private static Vantage[] From(Target target) => target switch
    {
        Target.NodePort => Enum.GetValues<Vantage>(),
        Target.NodePortOfBridge => [Vantage.Pod, Vantage.Node],
        Target.NodePortOfLocalhost => [Vantage.Node],
        Target.NoPort or Target.NoService => [Vantage.Pod, Vantage.Node, Vantage.Outside],
        _ => Near,
    };

    /// <summary>Where it is sent.</summary>
    public string Address => Target switch
    {
        Target.ClusterIP or Target.NoPort => Service.ClusterIP, Target.ExternalIP => Service.ExternalIP, Target.LoadBalancerIP => Service.LoadBalancerIP,
        Target.NodePort => AddressPlan.Node(Entry), Target.NodePortOfBridge => AddressPlan.Bridge(Entry), Target.NodePortOfLocalhost => "127.0.0.1",
        _ => AddressPlan.NoService,
    };

    public int Port => Target switch
    {
        Target.NodePort or Target.NodePortOfBridge or Target.NodePortOfLocalhost => Service.NodePort, Target.NoPort => MatrixService.NoPort, _ => MatrixService.Port,
    };

    /// <summary>From where it comes, when it meets the first rule.</summary>
    public string Source => Vantage switch
    {
        Vantage.Pod => AddressPlan.ClientPod(Entry), Vantage.EndpointPod => Server.Pod(Entry).Address, Vantage.Outside => AddressPlan.Outside(Entry),
        Vantage.Stranger => AddressPlan.Stranger(Entry), Vantage.PeerPod => AddressPlan.ClientPod(AddressPlan.Other(Entry)), Vantage.PeerNode => AddressPlan.Node(AddressPlan.Other(Entry)),
        _ => Target switch { Target.NodePortOfBridge => AddressPlan.Bridge(Entry), Target.NodePortOfLocalhost => "127.0.0.1", _ => AddressPlan.Node(Entry) },
    };

    public override string ToString() => $"{Protocol,-4} node {Entry}  {Target,-19} from {Vantage}";
}
