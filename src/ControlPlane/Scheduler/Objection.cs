namespace ControlPlane.Scheduler;

/// <summary>Which rules of the scheduler keep a pod waiting; an event of the cluster concerns some of them only.</summary>
[Flags]
internal enum Obstacle
{
    None = 0,
    NoNodes = 1,
    Unschedulable = 2,
    Taints = 4,
    NodeAffinity = 8,
    Ports = 16,
    Resources = 32,
    TopologySpread = 64,
    PodAffinity = 128,

    /// <summary>What a look at the node alone decides.</summary>
    OfNode = Unschedulable | Taints | NodeAffinity | Ports | Resources,
    All = NoNodes | OfNode | TopologySpread | PodAffinity,
}

/// <summary>What speaks against a node, in Kubernetes' words.</summary>
internal sealed record Objection(Obstacle Obstacle, params string[] Reasons);
