using Linux;

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

    public ContainerRecord? Container(string name) => Containers.FirstOrDefault(container => container.Name == name);

    public PodRecord With(ContainerRecord changed) => this with
    {
        Containers = [.. Containers.Where(container => container.Name != changed.Name), changed],
    };
}

/// <summary>The pod's pinned namespaces and its address in them. Once the pod is over they are gone, and the address is only remembered.</summary>
internal sealed record SandboxRecord(string Address, bool Removed = false);

/// <summary>One container: a run of its command, from creation to end.</summary>
internal sealed record ContainerRecord
{
    public required string Name { get; init; }

    /// <summary>64 hex digits, runc's and the log's name for it.</summary>
    public required string Id { get; init; }

    /// <summary>How many containers of this name came before it in this pod: its restartCount and log number.</summary>
    public int Attempt { get; init; }

    public required string Image { get; init; }
    public required string ImageDigest { get; init; }
    public DateTime CreatedAt { get; init; }

    /// <summary>Null if it could not be started; <see cref="Exit"/> says why.</summary>
    public DateTime? StartedAt { get; init; }

    public ProcessIdentity? Process { get; init; }
    public ProcessIdentity? Conmon { get; init; }

    /// <summary>Signal number that asks it to end, from the image; SIGTERM without one.</summary>
    public int StopSignal { get; init; } = LibC.SIGTERM;

    /// <summary>Null while it runs.</summary>
    public ExitRecord? Exit { get; init; }

    /// <summary>How the container before it ended.</summary>
    public PreviousContainer? Previous { get; init; }

    /// <summary>What its probes said last; a successor of this agent goes on from there.</summary>
    public ContainerHealth Health { get; init; } = new(Started: true, Ready: true);

    /// <summary>How long after its end to wait before it is started again.</summary>
    public TimeSpan RestartDelay { get; init; }

    public bool IsRunning => Exit is null;

    /// <summary>How long it ran until its end; zero where it never did.</summary>
    public TimeSpan Ran => Exit is null || StartedAt is null ? TimeSpan.Zero : Exit.FinishedAt - StartedAt.Value;
}

/// <summary>status.containerStatuses[].state.terminated.</summary>
internal sealed record ExitRecord(int ExitCode, string Reason, string? Message, DateTime FinishedAt);

/// <summary>status.containerStatuses[].lastState.terminated.</summary>
internal sealed record PreviousContainer(string Id, DateTime? StartedAt, ExitRecord Exit);
