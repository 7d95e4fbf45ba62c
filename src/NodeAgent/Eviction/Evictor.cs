using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace NodeAgent.Eviction;

/// <summary>What the evictor sees and does.</summary>
/// <param name="Observe">What is left on the machine.</param>
/// <param name="Pods">Pods of which something runs.</param>
/// <param name="Measure">What such a pod uses.</param>
/// <param name="Evict">Ends a pod.</param>
/// <param name="HasEnded">Whether nothing of a pod runs any more.</param>
/// <param name="ReclaimDisk">Frees what no pod needs.</param>
/// <param name="Report">Tells the node's conditions.</param>
internal sealed record EvictorParts(Func<IReadOnlyDictionary<Signal, Observation>> Observe, Func<IReadOnlyList<Pod>> Pods, Func<Pod, EvictionCandidate?> Measure,
    Action<Pod, PodFailure> Evict, Func<Pod, bool> HasEnded, Func<CancellationToken, Task> ReclaimDisk, Action<NodePressure> Report);

/// <summary>
/// Keeps the node from running out of memory, disk and processes: looks every ten seconds, reports the node's conditions,
/// frees what nobody needs, and evicts one pod after the other until there is enough again.
/// </summary>
internal sealed class Evictor(EvictionOptions options, EvictorParts parts, KubeletEvents events, string nodeName, Action<string> log)
{
    /// <summary>A pod that is killed for a limit gets this long.</summary>
    private const long Immediately = 1;

    private static readonly TimeSpan Cleanup = TimeSpan.FromSeconds(30), CleanupLook = TimeSpan.FromMilliseconds(500);

    private readonly ThresholdState state = new(options);
    private readonly Node self = new() { Metadata = new ObjectMeta { Name = nodeName } };

    public async Task Run(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var evicted = await TryLook(cancel);
                foreach (var pod in evicted) await UntilEnded(pod, cancel);
                if (evicted.Count == 0) await Task.Delay(options.Look, cancel);
            }
        }
        catch (OperationCanceledException) { }
    }

    private async Task<IReadOnlyList<Pod>> TryLook(CancellationToken cancel)
    {
        try { return await Look(cancel); }
        catch (Exception e) when (e is not OperationCanceledException) // what is wrong with one pod must not leave the node without eviction
        {
            log($"eviction: {e.Message}");
            return [];
        }
    }

    /// <returns>The pods that were evicted.</returns>
    internal async Task<IReadOnlyList<Pod>> Look(CancellationToken cancel)
    {
        var verdict = state.Look(parts.Observe(), DateTime.UtcNow);
        parts.Report(verdict.Pressure);
        var greedy = EvictForLimits();
        if (greedy.Count > 0 || verdict.Act.Count == 0) return greedy;
        var threshold = verdict.Act[0];
        events.Record(self, "Warning", "EvictionThresholdMet", $"Attempting to reclaim {threshold.Signal.Resource}");
        if (threshold.Signal.Condition == Signal.DiskPressure)
        {
            await TryReclaimDisk(cancel);
            if (!parts.Observe().TryGetValue(threshold.Signal, out var after) || !threshold.IsMet(after)) return [];
        }
        return parts.Observe().TryGetValue(threshold.Signal, out var observed) && EvictFor(threshold, observed) is { } pod ? [pod] : [];
    }

    /// <summary>Where that fails (on a disk so full that no index can be written) pods must go all the same.</summary>
    private async Task TryReclaimDisk(CancellationToken cancel)
    {
        try { await parts.ReclaimDisk(cancel); }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException) { log($"eviction: freeing what no pod needs: {e.Message}"); }
    }

    private List<Pod> EvictForLimits()
    {
        var evicted = new List<Pod>();
        foreach (var pod in parts.Pods().Where(pod => StorageLimits.Has(pod) && !EvictionOrder.IsCritical(pod)))
            if (parts.Measure(pod) is { } used && StorageLimits.Exceeded(pod, used.Disk) is { } message)
            {
                Evict(pod, message, Immediately);
                evicted.Add(pod);
            }
        return evicted;
    }

    private Pod? EvictFor(Threshold threshold, Observation observed)
    {
        var order = EvictionOrder.Of(parts.Pods().Select(parts.Measure).OfType<EvictionCandidate>(), threshold.Signal.Resource);
        if (order.Count == 0)
        {
            log($"eviction: {threshold.Signal.Name} is below its threshold, and there is no pod to evict");
            return null;
        }
        Evict(order[0].Pod, EvictionWords.Of(order[0], threshold, observed), threshold.Grace == TimeSpan.Zero ? Immediately : options.MaxPodGracePeriod);
        return order[0].Pod;
    }

    private void Evict(Pod pod, string message, long grace)
    {
        log($"evicting pod {pod.Key}: {message}");
        events.Record(pod, null, "Warning", EvictionWords.Reason, message);
        var own = pod.Spec!.TerminationGracePeriodSeconds ?? 30;
        parts.Evict(pod, new PodFailure(EvictionWords.Reason, message, Math.Min(grace, own), EvictionWords.Disruption(message, DateTime.UtcNow)));
    }

    private async Task UntilEnded(Pod pod, CancellationToken cancel)
    {
        for (var end = DateTime.UtcNow + Cleanup; !parts.HasEnded(pod) && DateTime.UtcNow < end;) await Task.Delay(CleanupLook, cancel);
    }
}
