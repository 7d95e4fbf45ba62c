using NodeAgent.Kubelet;

namespace NodeAgent.Eviction;

/// <summary>What follows from the thresholds at one moment.</summary>
/// <param name="Pressure">The node's conditions.</param>
/// <param name="Act">Thresholds for which pods are to be evicted now, the most urgent first.</param>
internal sealed record ThresholdVerdict(NodePressure Pressure, IReadOnlyList<Threshold> Act);

/// <summary>Remembers since when a threshold is met and when a condition last had a cause; else pure.</summary>
internal sealed class ThresholdState(EvictionOptions options)
{
    private readonly Dictionary<Threshold, DateTime> metSince = [];
    private readonly Dictionary<string, DateTime> lastCause = [];

    public ThresholdVerdict Look(IReadOnlyDictionary<Signal, Observation> observed, DateTime now)
    {
        var met = options.Thresholds.Where(threshold => observed.TryGetValue(threshold.Signal, out var value) && threshold.IsMet(value)).ToList();
        foreach (var over in metSince.Keys.Except(met).ToList()) metSince.Remove(over);
        foreach (var threshold in met) metSince.TryAdd(threshold, now);
        var act = met.Where(threshold => now - metSince[threshold] >= threshold.Grace).ToList();
        foreach (var threshold in met) lastCause[threshold.Signal.Condition] = now;
        var conditions = lastCause.Where(entry => entry.Value == now || now - entry.Value < options.PressureTransitionPeriod).Select(entry => entry.Key).ToHashSet();
        return new ThresholdVerdict(new NodePressure(conditions.Contains(Signal.MemoryPressure), conditions.Contains(Signal.DiskPressure), conditions.Contains(Signal.PidPressure)),
            [.. act.OrderBy(threshold => Order(threshold.Signal)).ThenBy(threshold => threshold.Grace)]);
    }

    private static int Order(Signal signal)
    {
        for (var i = 0; i < Signal.All.Count; i++)
            if (Signal.All[i] == signal) return i;
        return Signal.All.Count;
    }
}
