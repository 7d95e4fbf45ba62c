using Linux;

namespace NodeAgent.Kubelet;

/// <summary>What became of containers since the last look.</summary>
internal sealed partial class PodWorker
{
    /// <summary>How long conmon has to write down the end of a container whose process is gone.</summary>
    private static readonly TimeSpan ReportWait = TimeSpan.FromSeconds(2);

    /// <summary>Since when a container's process is gone without a report, by the container's id.</summary>
    private readonly Dictionary<string, DateTime> unreported = [];

    /// <returns>When to look again for a report that is missing.</returns>
    private async Task<DateTime?> ObserveContainers()
    {
        DateTime? wake = null;
        foreach (var container in record.Containers.Where(container => container.IsRunning).ToList())
        {
            ContinueConmon(container);
            var bundle = parts.Paths.Bundle(record.Uid, container.Id);
            // conmon may write the code and end between the two looks.
            var exit = parts.Runtime.ReadExit(container.Id, bundle);
            var conmonGone = exit is null && container.Conmon is not { IsAlive: true };
            if (conmonGone) exit = parts.Runtime.ReadExit(container.Id, bundle);
            if (exit is not null)
            {
                var reason = exit.OomKilled ? "OOMKilled" : exit.ExitCode == 0 ? "Completed" : "Error";
                await End(container, new ExitRecord(exit.ExitCode, reason, Message(container, exit.ExitCode), exit.FinishedAt));
            }
            // conmon held its output and would have kept its exit code. Without it the container would die of the next line it prints.
            else if (conmonGone) await End(container, Unknown("its monitor (conmon) ended; the exit code is lost"));
            else if (!IsUnreported(container)) unreported.Remove(container.Id);
            else if (DateTime.UtcNow - unreported.GetValueOrDefault(container.Id, DateTime.UtcNow) >= ReportWait) await End(container, Unreported(container));
            else
            {
                unreported.TryAdd(container.Id, DateTime.UtcNow);
                wake = Sooner(wake, unreported[container.Id] + ReportWait);
            }
        }
        return wake;
    }

    /// <summary>Its process is gone, and a conmon that somebody stopped (SIGSTOP), or that was given the time to, says nothing.</summary>
    private static bool IsUnreported(ContainerRecord container) => container.Process is { IsAlive: false }
        && (container.Stop?.SignalledAt is not null || ProcessState.Of(container.Conmon!.Pid) is 'T' or 't');

    /// <summary>Whoever stopped it (SIGSTOP): the container hangs with it as soon as nobody reads its output, and its end would not be told.</summary>
    private void ContinueConmon(ContainerRecord container)
    {
        if (container.Conmon is not { } conmon || ProcessState.Of(conmon.Pid) != 'T' || !conmon.IsAlive) return;
        parts.Log($"pod {record.Namespace}/{record.Name}: conmon of container {container.Name} (pid {conmon.Pid}) was stopped by a signal; it is let go on");
        conmon.Signal(LibC.SIGCONT);
    }

    /// <summary>A zombie still has its exit code.</summary>
    private ExitRecord Unreported(ContainerRecord container) => container.Process is { } process && ProcessState.ExitCode(process.Pid) is { } code
        ? new ExitRecord(code, code == 0 ? "Completed" : "Error", Message(container, code), DateTime.UtcNow) : Unknown("its monitor (conmon) does not tell its exit code");

    private static ExitRecord Unknown(string message) => new(137, "ContainerStatusUnknown", message, DateTime.UtcNow);

    private string? Message(ContainerRecord container, int exitCode)
    {
        var file = parts.Containers.TerminationLog(record.Uid, container.Id);
        if (pod is null) return TerminationMessage.Of(file, "", null, exitCode);
        var policy = PodContainer.Find(pod, container.Name)?.Container.TerminationMessagePolicy;
        return TerminationMessage.Of(file, parts.Containers.LogPath(pod, container.Name, container.Attempt), policy, exitCode);
    }

    private async Task End(ContainerRecord container, ExitRecord exit)
    {
        unreported.Remove(container.Id);
        await StopHook(container.Id);
        Save(record.With(container with { Exit = exit, PostStartPending = false }));
        await parts.Containers.Remove(record.Uid, container.Id);
        TellBackOff(container, exit);
    }

    private void TellBackOff(ContainerRecord container, ExitRecord exit)
    {
        if (pod is not null && exit.ExitCode != 0 && !IsEnding && PodContainer.Find(pod, container.Name) is { } entry && ContainerRestart.Is(pod, entry, exit)
            && RestartBackOff.Wait(container.RestartDelay, record.Container(container.Name)!.Ran) > TimeSpan.Zero)
            Event("Warning", "BackOff", $"Back-off restarting failed container {container.Name} in pod {pod.Name}_{pod.Namespace}({pod.Metadata.Uid})", container.Name);
    }
}
