using System.Globalization;

namespace Linux;

/// <summary>What went through a link since it was made (proc_net_dev(5)).</summary>
public sealed record InterfaceCounters(string Name, long ReceivedBytes, long ReceiveErrors, long SentBytes, long SendErrors)
{
    /// <summary>All links of this process's network namespace.</summary>
    public static IReadOnlyList<InterfaceCounters> ReadAll() => Parse(File.ReadAllLines("/proc/net/dev"));

    internal static IReadOnlyList<InterfaceCounters> Parse(IEnumerable<string> lines) => [.. lines.Skip(2).Select(Parse).OfType<InterfaceCounters>()];

    private static InterfaceCounters? Parse(string line)
    {
        var colon = line.LastIndexOf(':');
        var numbers = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (colon < 0 || numbers.Length < 11) return null;
        long At(int i) => long.Parse(numbers[i], CultureInfo.InvariantCulture);
        return new InterfaceCounters(line[..colon].Trim(), At(0), At(2), At(8), At(10));
    }
}
