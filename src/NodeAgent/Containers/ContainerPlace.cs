using System.Text.Json.Nodes;
using Linux;

namespace NodeAgent.Containers;

/// <summary>The paths and facts of this node, and what was looked up for this container, that its OCI configuration names.</summary>
/// <param name="Overlay">The container's root file system.</param>
/// <param name="TerminationLog">The file that appears at terminationMessagePath.</param>
internal sealed record ContainerPlace(NodePaths Paths, string Overlay, string TerminationLog, string HostName, OciUser User)
{
    /// <summary>The variables that Kubernetes sets; see <see cref="ContainerEnvironment"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables { get; init; } = [];

    /// <summary>Where parts of volumes lie, by index in volumeMounts; see <see cref="Volumes.SubPaths"/>.</summary>
    public IReadOnlyDictionary<int, string> SubPaths { get; init; } = new Dictionary<int, string>();

    /// <summary>What the container's root may do.</summary>
    public ContainerPrivileges Privileges { get; init; } = ContainerPrivileges.Of(null);

    /// <summary>linux.seccomp; null: unconfined.</summary>
    public JsonNode? Seccomp { get; init; }

    public IReadOnlyList<OciRlimit>? Rlimits { get; init; }

    /// <summary>The node's devices, for a privileged container.</summary>
    public IReadOnlyList<OciDevice>? Devices { get; init; }

    /// <summary>A PID namespace that is joined: the pod's, or that of another container; null: one of its own.</summary>
    public string? Processes { get; init; }

    /// <summary>No container gets an oom_score_adj below this; see <see cref="OomScore.Lowest"/>.</summary>
    public int LowestOomScore { get; init; } = -1000;

    /// <summary>Bytes of memory that the node has, for the oom_score_adj of burstable pods.</summary>
    public long NodeMemory { get; init; }

    /// <summary>The node has cgroup v2 alone.</summary>
    public bool UnifiedCgroups { get; init; }
}
