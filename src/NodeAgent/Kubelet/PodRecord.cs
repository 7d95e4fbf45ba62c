using KubeApi.Objects;
using NodeAgent.HostPorts;

namespace NodeAgent.Kubelet;

/// <summary>What the node has made for a pod, as it lies in <c>/run/nodeagent/pods/UID/pod.json</c>: all that adoption needs.</summary>
internal sealed record PodRecord
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public required string Uid { get; init; }

    /// <summary>status.startTime: when the node first saw the pod.</summary>
    public DateTime StartTime { get; init; }

    public SandboxRecord? Sandbox { get; init; }

    /// <summary>The latest container of each name.</summary>
    public IReadOnlyList<ContainerRecord> Containers { get; init; } = [];

    /// <summary>Why the node ends the pod itself; null: it does not.</summary>
    public PodFailure? Failure { get; init; }

    /// <summary>Since when the stop signal of its containers waits for nodes to take the pod out of their rules; null: it has not waited.</summary>
    public DateTime? WithdrawingSince { get; init; }

    /// <summary>How many sandboxes of this pod came before the one that it has, or gets next. Init containers run in each.</summary>
    public int SandboxAttempt => Sandbox?.Attempt ?? (Containers.Count == 0 ? 0 : Containers.Max(container => container.Sandbox) + 1);

    public ContainerRecord? Container(string name) => Containers.FirstOrDefault(container => container.Name == name);

    public PodRecord With(ContainerRecord changed) => this with
    {
        Containers = [.. Containers.Where(container => container.Name != changed.Name), changed],
    };
}

/// <summary>The pod's pinned namespaces and its address in them. Once the pod is over they are gone, and the address is only remembered.</summary>
/// <param name="Attempt">How many there were before it.</param>
internal sealed record SandboxRecord(string Address, bool Removed = false, int Attempt = 0)
{
    /// <summary>The pod is on the node's network: of namespaces it has only IPC.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>Ports of the node that lead to it.</summary>
    public IReadOnlyList<HostPort> HostPorts { get; init; } = [];
}

/// <summary>The node's own decision that a pod must end: its phase becomes Failed.</summary>
/// <param name="Reason">status.reason: DeadlineExceeded, Evicted, OutOfcpu, ….</param>
/// <param name="GracePeriodSeconds">Null: the pod's.</param>
/// <param name="Condition">A further condition of the pod, such as DisruptionTarget.</param>
/// <param name="Rejected">It was not taken by this node: nothing of it has run.</param>
internal sealed record PodFailure(string Reason, string Message, long? GracePeriodSeconds = null, PodCondition? Condition = null, bool Rejected = false);
