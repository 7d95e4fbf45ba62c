using System.Globalization;

namespace ControlPlane.Registry.Jobs;

/// <summary>
/// Indexes of a job as status and success policy write them: <c>1,3-5,7</c>, rising. Kept as intervals, so that a job of
/// many indexes stays small.
/// </summary>
internal sealed class IndexSet
{
    private IndexSet(IReadOnlyList<(int First, int Last)> intervals) => Intervals = intervals;

    /// <summary>Rising, apart from each other by at least one.</summary>
    public IReadOnlyList<(int First, int Last)> Intervals { get; }

    public static IndexSet Empty { get; } = new([]);

    public int Count => Intervals.Sum(interval => interval.Last - interval.First + 1);

    /// <exception cref="FormatException">Not such a text, not rising, or an index is not below <paramref name="completions"/>.</exception>
    public static IndexSet Parse(string? text, int completions)
    {
        if (string.IsNullOrEmpty(text)) return Empty;
        var intervals = new List<(int First, int Last)>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2) throw new FormatException($"the fragment \"{part}\" violates the requirement that an index interval can have at most two parts separated by '-'");
            var (first, last) = (Number(ends[0], completions), Number(ends[^1], completions));
            if (last < first) throw new FormatException($"non-increasing order, previous: {first}, current: {last}");
            if (intervals.Count > 0 && first <= intervals[^1].Last) throw new FormatException($"non-increasing order, previous: {intervals[^1].Last}, current: {first}");
            if (intervals.Count > 0 && first == intervals[^1].Last + 1) intervals[^1] = (intervals[^1].First, last);
            else intervals.Add((first, last));
        }
        return new IndexSet(intervals);
    }

    public static IndexSet Of(IEnumerable<int> indexes)
    {
        var intervals = new List<(int First, int Last)>();
        foreach (var index in indexes.Order())
        {
            if (intervals.Count > 0 && index <= intervals[^1].Last) continue;
            if (intervals.Count > 0 && index == intervals[^1].Last + 1) intervals[^1] = (intervals[^1].First, index);
            else intervals.Add((index, index));
        }
        return new IndexSet(intervals);
    }

    public IndexSet With(IReadOnlyCollection<int> more) => more.Count == 0 ? this : Of(Indexes().Concat(more));

    public bool Contains(int index)
    {
        var (low, high) = (0, Intervals.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (index < Intervals[middle].First) high = middle - 1;
            else if (index > Intervals[middle].Last) low = middle + 1;
            else return true;
        }
        return false;
    }

    public IEnumerable<int> Indexes() => Intervals.SelectMany(interval => Enumerable.Range(interval.First, interval.Last - interval.First + 1));

    private static int Number(string text, int completions)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw new FormatException($"cannot convert string to integer for index: \"{text}\"");
        return number < completions ? number : throw new FormatException($"too large index: \"{text}\"");
    }

    /// <summary>Two neighbours stand side by side (<c>1,2</c>), more as an interval (<c>1-3</c>).</summary>
    public override string ToString() => string.Join(',', Intervals.Select(interval =>
        interval.Last == interval.First ? $"{interval.First}" : interval.Last == interval.First + 1 ? $"{interval.First},{interval.Last}" : $"{interval.First}-{interval.Last}"));
}
