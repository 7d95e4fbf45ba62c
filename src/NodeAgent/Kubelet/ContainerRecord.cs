using Linux;

namespace NodeAgent.Kubelet;

/// <summary>One container: a run of its command, from creation to end.</summary>
internal sealed record ContainerRecord
{
    public required string Name { get; init; }

    /// <summary>64 hex digits, runc's and the log's name for it.</summary>
    public required string Id { get; init; }

    /// <summary>How many containers of this name came before it in this pod: its restartCount and log number.</summary>
    public int Attempt { get; init; }

    /// <summary>The <see cref="SandboxRecord.Attempt"/> of the sandbox in which it ran; -1 where that is not known.</summary>
    public int Sandbox { get; init; }

    /// <summary>In the words of the pod's entry; null where that is not known.</summary>
    public string? AskedImage { get; init; }

    public required string Image { get; init; }
    public required string ImageDigest { get; init; }
    public DateTime CreatedAt { get; init; }

    /// <summary>Null if it could not be started; <see cref="Exit"/> says why.</summary>
    public DateTime? StartedAt { get; init; }

    public ProcessIdentity? Process { get; init; }
    public ProcessIdentity? Conmon { get; init; }

    /// <summary>Signal number that asks it to end: lifecycle.stopSignal, else the image's, else SIGTERM.</summary>
    public int StopSignal { get; init; } = LibC.SIGTERM;

    /// <summary>Its postStart hook is not done: it does not count as running yet.</summary>
    public bool PostStartPending { get; init; }

    /// <summary>Null while nobody wants it to end.</summary>
    public ContainerStop? Stop { get; init; }

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

/// <summary>How far the end of a container has come. Kept in the record, so that a successor of this agent does nothing twice.</summary>
/// <param name="Deadline">When it is killed.</param>
/// <param name="Grace">The grace period that led to the deadline: a shorter one moves it.</param>
/// <param name="PreStop">Its preStop hook.</param>
internal sealed record ContainerStop(DateTime Since, DateTime Deadline, TimeSpan Grace, HookState PreStop)
{
    /// <summary>When it got its stop signal.</summary>
    public DateTime? SignalledAt { get; init; }

    /// <summary>When it got SIGKILL.</summary>
    public DateTime? KilledAt { get; init; }
}

internal enum HookState { Running, Done }

/// <summary>status.containerStatuses[].state.terminated.</summary>
internal sealed record ExitRecord(int ExitCode, string Reason, string? Message, DateTime FinishedAt);

/// <summary>status.containerStatuses[].lastState.terminated.</summary>
internal sealed record PreviousContainer(string Id, DateTime? StartedAt, ExitRecord Exit);
