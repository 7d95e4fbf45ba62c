using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Controllers.LoadBalancers;

/// <summary>The IPv4 addresses that Services of type LoadBalancer may have, in the order in which they are given out. Immutable.</summary>
internal sealed class AddressPool
{
    public static readonly AddressPool Empty = new([]);

    private readonly IReadOnlyList<(uint First, uint Last, string Text)> ranges;

    private AddressPool(IReadOnlyList<(uint First, uint Last, string Text)> ranges) => this.ranges = ranges;

    public bool IsEmpty => ranges.Count == 0;

    /// <param name="texts">Each a range (192.0.2.10-192.0.2.20), a network (192.0.2.16/28) or one address; or several, separated by commas.</param>
    /// <exception cref="FormatException">One is none of these, or holds addresses that no machine may have.</exception>
    public static AddressPool Parse(IEnumerable<string> texts)
    {
        var ranges = new List<(uint First, uint Last, string Text)>();
        foreach (var text in texts.SelectMany(text => text.Split(',')).Select(text => text.Trim()))
        {
            var range = Range(text);
            foreach (var other in ranges)
                if (range.First <= other.Last && other.First <= range.Last) throw new FormatException($"{text}: overlaps with {other.Text}");
            ranges.Add((range.First, range.Last, text));
        }
        return new AddressPool(ranges);
    }

    public bool Contains(IPAddress address) => RangeOf(address) is not null;

    /// <summary>The range, as it was written, that an address is of; null for one of no range.</summary>
    public string? RangeOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork) return null;
        var number = Number(address);
        return ranges.Where(range => range.First <= number && number <= range.Last).Select(range => range.Text).FirstOrDefault();
    }

    /// <summary>The first address that is not taken; null where there is none.</summary>
    public IPAddress? FirstFree(Func<IPAddress, bool> isTaken)
    {
        foreach (var (first, last, _) in ranges)
            for (long number = first; number <= last; number++)
                if (Address((uint)number) is var address && !isTaken(address)) return address;
        return null;
    }

    /// <summary>Whether a network holds any of the addresses.</summary>
    public bool Overlaps(IPNetwork network) =>
        network.BaseAddress.AddressFamily == AddressFamily.InterNetwork && ranges.Any(range => Last(network) >= range.First && Number(network.BaseAddress) <= range.Last);

    public override string ToString() => string.Join(", ", ranges.Select(range => range.Text));

    private static (uint First, uint Last) Range(string text)
    {
        var parts = text.Split('-', 2, StringSplitOptions.TrimEntries);
        (uint First, uint Last) range;
        if (text.Contains('/') && IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
            range = (Number(network.BaseAddress), Last(network));
        else if (Parsed(parts[0]) is { } first && Parsed(parts[^1]) is { } last && first <= last) range = (first, last);
        else throw new FormatException($"{text}: not a range (192.0.2.10-192.0.2.20), network (192.0.2.16/28) or address of IPv4");
        // 0/8 and 127/8 are the machine's own, 224/4 and above no machine's.
        if (range.First >> 24 == 0 || range.Last >> 28 >= 0xe || range.First >> 24 <= 127 && range.Last >> 24 >= 127)
            throw new FormatException($"{text}: holds addresses that no machine can have on a network");
        return range;
    }

    /// <summary>Only the usual form: .NET takes "10.1" for an address too.</summary>
    private static uint? Parsed(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text ? Number(address) : null;

    private static uint Last(IPNetwork network) => Number(network.BaseAddress) | (network.PrefixLength == 0 ? uint.MaxValue : (1u << (32 - network.PrefixLength)) - 1);

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress Address(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
