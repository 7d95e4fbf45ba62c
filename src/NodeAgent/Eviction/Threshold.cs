using System.Globalization;
using KubeApi;

namespace NodeAgent.Eviction;

/// <summary>How little may be left: an amount, or a share of the capacity.</summary>
/// <param name="Grace">How long there may be less before pods are evicted for it; zero: not at all, and they are killed at once ("hard").</param>
internal sealed record Threshold(Signal Signal, Quantity? Amount, double? Percent, TimeSpan Grace = default)
{
    /// <summary>In the signal's unit: bytes, inodes or processes.</summary>
    public long Value(long capacity) => Percent is { } percent ? (long)(capacity * percent / 100) : Amount!.Value.Value;

    public bool IsMet(Observation observed) => observed.Available < Value(observed.Capacity);

    /// <param name="text">e.g. <c>memory.available&lt;100Mi,nodefs.available&lt;10%</c>; empty for none.</param>
    /// <exception cref="FormatException">It cannot be read; the message says where.</exception>
    public static IReadOnlyList<Threshold> Parse(string text, IReadOnlyDictionary<string, TimeSpan>? graces = null)
    {
        var thresholds = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part => One(part, graces)).ToList();
        if (thresholds.GroupBy(threshold => threshold.Signal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new FormatException($"found duplicate eviction threshold for signal {twice.Key.Name}");
        return thresholds;
    }

    private static Threshold One(string text, IReadOnlyDictionary<string, TimeSpan>? graces)
    {
        var parts = text.Split('<');
        if (parts.Length != 2) throw new FormatException($"invalid eviction threshold '{text}': expected SIGNAL<VALUE");
        var signal = Signal.All.FirstOrDefault(signal => signal.Name == parts[0].Trim()) ?? throw new FormatException($"unsupported eviction signal {parts[0].Trim()}");
        var value = parts[1].Trim();
        if (graces is not null && !graces.ContainsKey(signal.Name)) throw new FormatException($"grace period must be specified for the soft eviction threshold {signal.Name}");
        var grace = graces?[signal.Name] ?? TimeSpan.Zero;
        if (!value.EndsWith('%'))
            return Quantity.TryParse(value, out var amount) && amount.Value >= 0 ? new Threshold(signal, amount, null, grace) : throw new FormatException($"eviction threshold {signal.Name} must be positive: '{value}'");
        return double.TryParse(value[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100
            ? new Threshold(signal, null, percent, grace) : throw new FormatException($"eviction percentage threshold {signal.Name} must be between 0% and 100%: '{value}'");
    }
}
