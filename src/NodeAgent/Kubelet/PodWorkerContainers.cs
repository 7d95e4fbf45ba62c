using Linux;

namespace NodeAgent.Kubelet;

/// <summary>How containers end: by themselves, or because the pod is deleted.</summary>
internal sealed partial class PodWorker
{
    private const int TerminationMessageLimit = 4096;

    /// <summary>For a pod that is gone from the API there is nobody left to wait for.</summary>
    private static readonly TimeSpan OrphanGrace = TimeSpan.FromSeconds(2);

    private DateTime? terminationStart;
    private bool killed, removed;

    /// <summary>Nothing is left of it on this machine, and its API object is dealt with.</summary>
    private bool IsGone { get; set; }

    /// <summary>Takes note of every container that has ended since the last look.</summary>
    private async Task ObserveContainers()
    {
        foreach (var container in record.Containers.Where(container => container.IsRunning).ToList())
        {
            var exit = parts.Runtime.ReadExit(container.Id, parts.Paths.Bundle(record.Uid, container.Id));
            if (exit is not null)
            {
                var reason = exit.OomKilled ? "OOMKilled" : exit.ExitCode == 0 ? "Completed" : "Error";
                await End(container, new ExitRecord(exit.ExitCode, reason, TerminationMessage(container, exit.ExitCode), exit.FinishedAt));
            }
            else if (container.Conmon is not { IsAlive: true })
            {
                // conmon held its output and would have kept its exit code. Without it the container would die of the next line it prints.
                // One look more: conmon may have written the code and ended between the two looks.
                if (parts.Runtime.ReadExit(container.Id, parts.Paths.Bundle(record.Uid, container.Id)) is null)
                    await End(container, new ExitRecord(137, "ContainerStatusUnknown", "its monitor (conmon) ended; the exit code is lost", DateTime.UtcNow));
                else Wake();
            }
        }
    }

    private async Task End(ContainerRecord container, ExitRecord exit)
    {
        Save(record.With(container with { Exit = exit }));
        await parts.Containers.Remove(record.Uid, container.Id);
        if (pod is not null && exit.ExitCode != 0 && pod.Metadata.DeletionTimestamp is null && PodPlan.ShouldRestart(pod.Spec!.RestartPolicy, exit)
            && RestartBackOff.Wait(container.RestartDelay, record.Container(container.Name)!.Ran) > TimeSpan.Zero)
            parts.Events.Record(pod, pod.Spec.Containers.FirstOrDefault(entry => entry.Name == container.Name), "Warning", "BackOff",
                $"Back-off restarting failed container {container.Name} in pod {pod.Name}_{pod.Namespace}({pod.Metadata.Uid})");
    }

    /// <summary>What the container wrote to its terminationMessagePath; or, if it asks for that and failed without a word, the end of its log.</summary>
    private string? TerminationMessage(ContainerRecord container, int exitCode)
    {
        var file = parts.Containers.TerminationLog(record.Uid, container.Id);
        var text = File.Exists(file) ? Tail(file, TerminationMessageLimit) : "";
        var policy = pod?.Spec!.Containers.FirstOrDefault(entry => entry.Name == container.Name)?.TerminationMessagePolicy;
        if (text.Length == 0 && exitCode != 0 && policy == "FallbackToLogsOnError")
            text = CriLog.Text(Tail(parts.Containers.LogPath(pod!, container.Name, container.Attempt), TerminationMessageLimit / 2));
        return text.Length == 0 ? null : text;
    }

    private static string Tail(string path, int most)
    {
        if (!File.Exists(path)) return "";
        using var file = File.OpenRead(path);
        if (file.Length > most) file.Seek(-most, SeekOrigin.End);
        var buffer = new byte[Math.Min(most, file.Length)];
        return System.Text.Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
    }

    /// <summary>SIGTERM, the grace period, SIGKILL; then everything is taken down and the API object released.</summary>
    private async Task<DateTime?> Terminate(CancellationToken cancel)
    {
        await starts.CancelAsync();
        var running = record.Containers.Where(container => container.IsRunning).ToList();
        var first = terminationStart is null;
        terminationStart ??= DateTime.UtcNow;
        var deadline = terminationStart.Value + (pod is null ? OrphanGrace : TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 30));
        if (first) running.ForEach(Ask);
        if (running.Count > 0 && DateTime.UtcNow >= deadline && !killed)
        {
            foreach (var container in running) container.Process?.Signal(LibC.SIGKILL);
            killed = true;
        }
        if (running.Count > 0) return killed ? DateTime.UtcNow + TimeSpan.FromSeconds(1) : deadline;
        if (starting.Count > 0) return null;
        if (!removed) await RemoveAll(cancel);
        if (pod is not null)
        {
            ReportStatus(cancel);
            await statusWriter!.Flush();
            await parts.DeletePod(pod, cancel);
        }
        IsGone = true;
        return null;
    }

    private void Ask(ContainerRecord container)
    {
        if (pod is not null)
            parts.Events.Record(pod, pod.Spec!.Containers.FirstOrDefault(entry => entry.Name == container.Name), "Normal", "Killing", $"Stopping container {container.Name}");
        container.Process?.Signal(container.StopSignal);
    }

    private async Task RemoveAll(CancellationToken cancel)
    {
        foreach (var container in record.Containers) await parts.Containers.Remove(record.Uid, container.Id);
        await parts.Sandbox.Remove(record.Uid, cancel);
        Cgroups.Remove($"nodeagent/pod{record.Uid}");
        foreach (var directory in new[] { parts.Paths.LibPod(record.Uid), parts.Paths.RunPod(record.Uid), parts.Paths.LogDirectory(record.Namespace, record.Name, record.Uid) })
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        removed = true;
        if (record.Sandbox is { } sandbox) record = record with { Sandbox = sandbox with { Removed = true } };
    }
}
