using KubeApi.Objects;
using Linux;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>How a pod ends: it is deleted, or over, or the node ends it.</summary>
internal sealed partial class PodWorker
{
    /// <summary>For a pod that is gone from the API there is nobody left to wait for.</summary>
    private static readonly TimeSpan OrphanGrace = TimeSpan.FromSeconds(2);

    /// <summary>After this the status says that taking the pod down is still under way.</summary>
    private static readonly TimeSpan RemovalWait = TimeSpan.FromSeconds(3);

    private Task? removal;
    private DateTime? endingSince;

    /// <summary>Since when it is known to be out of all nodes' Service rules.</summary>
    private DateTime? settlingSince;

    /// <summary>Nothing is left of it on this machine, and its API object is dealt with.</summary>
    private bool IsGone { get; set; }

    /// <summary>The whole pod comes to its end: nothing is started any more.</summary>
    private bool IsEnding => forgotten || pod?.Metadata.DeletionTimestamp is not null || record.Failure is not null || plan?.Over == true;

    private bool IsTerminal => IsEnding && starting.Count == 0 && !record.Containers.Any(container => container.IsRunning);

    /// <summary>The control plane has declared it failed, of a node that it gave up for instance: it is not brought back to life.</summary>
    private bool IsEndedByOthers(Pod pod) => pod.Status?.Phase is "Failed" && plan?.Over != true && record.Containers.Any(container => container.IsRunning);

    private void SetFailure(PodFailure failure)
    {
        if (record.Failure is not null || IsTerminal) return;
        Save(record with { Failure = failure });
    }

    /// <returns>When the pod's activeDeadlineSeconds are over.</returns>
    private DateTime? CheckDeadline(Pod pod)
    {
        if (pod.Spec!.ActiveDeadlineSeconds is not { } seconds || record.Failure is not null || plan?.Over == true) return null;
        var at = record.StartTime.AddSeconds(seconds);
        if (at > DateTime.UtcNow) return at;
        SetFailure(new PodFailure("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"));
        Event("Normal", "DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
        return null;
    }

    /// <summary>The pod is over, or failed by the node's decision: what still runs of it is ended, its statuses stay.</summary>
    private async Task<DateTime?> Finish(CancellationToken cancel)
    {
        await starts.CancelAsync();
        var grace = record.Failure?.GracePeriodSeconds is { } seconds ? StopPlan.Grace(seconds) : StopPlan.Grace(pod!);
        var wake = StopContainers(StopPlan.OfPod(record, grace), inOrder: true);
        if (IsTerminal && record.Sandbox is { Removed: false } sandbox)
        {
            await parts.Containers.ReleaseProcesses(record.Uid);
            await parts.Volumes.Unmount(record.Uid);
            await parts.Sandbox.Remove(record.Uid, cancel);
            Save(record with { Sandbox = sandbox with { Removed = true } });
        }
        return wake;
    }

    /// <summary>Everything is ended and taken down, the last status reported, and the API object released.</summary>
    private async Task<DateTime?> Terminate(CancellationToken cancel)
    {
        await starts.CancelAsync();
        var grace = forgotten ? OrphanGrace : StopPlan.Grace(pod!.Metadata.DeletionGracePeriodSeconds ?? 30);
        var wake = StopContainers(StopPlan.OfPod(record, grace), inOrder: true, AwaitWithdrawal());
        endingSince ??= DateTime.UtcNow;
        if (starting.Count > 0 && DateTime.UtcNow >= endingSince + grace)
            problem = $"container {starting.First()} is still being created";
        if (!IsTerminal) return wake ?? (starting.Count > 0 ? endingSince + grace + KillWait : null);
        if (!await RemovePod(cancel)) return DateTime.UtcNow + KillWait;
        if (pod is not null && !forgotten)
        {
            ReportStatus(cancel);
            await (statusWriter?.Flush() ?? Task.CompletedTask); // null: it was over before this agent knew it, and there is nothing to say
            await parts.DeletePod(pod, cancel);
        }
        IsGone = true;
        return null;
    }

    /// <summary>Other nodes' rules may still lead to the pod: its containers are to go on until they do not.</summary>
    /// <returns>When to look again; null: nothing is to be waited for.</returns>
    private DateTime? AwaitWithdrawal()
    {
        if (parts.Withdrawal is null || forgotten || !record.Containers.Any(container => container.IsRunning) || record.Containers.Any(container => container.Stop?.SignalledAt is not null)) return null;
        var now = DateTime.UtcNow;
        var (state, wake) = parts.Withdrawal.Of(pod!, record.WithdrawingSince, settlingSince, now);
        if (state == Withdrawal.Settling) settlingSince ??= now;
        if (state == Withdrawal.Pending && record.WithdrawingSince is null) Save(record with { WithdrawingSince = now });
        if (state == Withdrawal.Overdue) Event("Warning", "EndpointsNotWithdrawn", parts.Withdrawal.Message);
        return wake;
    }

    /// <returns>False if that takes longer; it goes on meanwhile.</returns>
    private async Task<bool> RemovePod(CancellationToken cancel)
    {
        removal ??= Task.Run(() => RemoveAll(record, cancel), CancellationToken.None);
        if (await Task.WhenAny(removal, Task.Delay(RemovalWait, cancel)) != removal)
        {
            problem = "taking down what is left of the pod's containers, network and mounts is still under way";
            return false;
        }
        var done = removal;
        if (!done.IsCompletedSuccessfully) removal = null; // once more
        await done;
        if (record.Sandbox is { } sandbox) record = record with { Sandbox = sandbox with { Removed = true } };
        return true;
    }

    private async Task RemoveAll(PodRecord left, CancellationToken cancel)
    {
        // Also of containers that were never started, or could not be removed when they ended: what is mounted for them must go before files are deleted.
        foreach (var id in left.Containers.Select(container => container.Id).Union(parts.Containers.Remains(left.Uid))) await parts.Containers.Remove(left.Uid, id);
        await parts.Containers.ReleaseProcesses(left.Uid);
        await parts.Volumes.Unmount(left.Uid);
        await parts.Sandbox.Remove(left.Uid, cancel);
        PodCgroup.Remove(left.Uid);
        foreach (var directory in new[] { parts.Paths.LibPod(left.Uid), parts.Paths.RunPod(left.Uid), parts.Paths.LogDirectory(left.Namespace, left.Name, left.Uid) })
            DirectoryTree.Delete(directory);
    }
}
