using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace NodeAgent.Dns;

/// <summary>
/// Names in wire form (RFC 1035 3.1: labels with their lengths before them, ended by an empty one) and in lower case, so that equal names
/// are equal bytes.
/// </summary>
internal static class DnsName
{
    public const int LongestLabel = 63, Longest = 255;

    /// <param name="text">With or without the dot at its end.</param>
    /// <returns>Null where a label is empty or too long, or the name is.</returns>
    public static byte[]? Parse(string text)
    {
        if (text is "" or ".") return [0];
        var wire = new List<byte>(text.Length + 2);
        foreach (var label in (text.EndsWith('.') ? text[..^1] : text).Split('.'))
        {
            var bytes = Encoding.UTF8.GetBytes(label);
            if (bytes.Length is 0 or > LongestLabel) return null;
            wire.Add((byte)bytes.Length);
            wire.AddRange(bytes.Select(Lower));
        }
        wire.Add(0);
        return wire.Count <= Longest ? [.. wire] : null;
    }

    /// <summary>A label or several in front of a name.</summary>
    public static byte[]? Below(byte[] parent, string labels) =>
        Parse(labels) is { } head && head.Length - 1 + parent.Length <= Longest ? [.. head[..^1], .. parent] : null;

    /// <summary>For people: with dots, what is not printable as \DDD.</summary>
    public static string Text(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        for (var at = 0; at < name.Length && name[at] != 0; at += name[at] + 1)
        {
            foreach (var c in name.Slice(at + 1, name[at]))
            {
                if (c is > 32 and < 127 and not (byte)'.') text.Append((char)c);
                else text.Append($"\\{c:d3}");
            }
            text.Append('.');
        }
        return text.Length == 0 ? "." : text.ToString();
    }

    public static byte Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;

    /// <summary>Whether <paramref name="name"/> is <paramref name="zone"/> or lies below it.</summary>
    public static bool IsIn(ReadOnlySpan<byte> name, ReadOnlySpan<byte> zone)
    {
        if (!name.EndsWith(zone)) return false;
        var at = 0;
        while (at < name.Length - zone.Length) at += name[at] + 1;
        return at == name.Length - zone.Length;
    }

    /// <summary>The name without its first label; empty for the root.</summary>
    public static ReadOnlySpan<byte> Parent(ReadOnlySpan<byte> name) => name.Length <= 1 ? [] : name[(name[0] + 1)..];

    /// <summary>The name under which an address is looked up backwards (RFC 1035 3.5, RFC 3596 2.5).</summary>
    public static byte[] Reverse(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? Parse($"{bytes[3]}.{bytes[2]}.{bytes[1]}.{bytes[0]}.in-addr.arpa")!
            : Parse(string.Join('.', bytes.Reverse().SelectMany(part => new[] { $"{part & 15:x}", $"{part >> 4:x}" })) + ".ip6.arpa")!;
    }
}

/// <summary>Compares names by their bytes, and finds them by a slice of a message.</summary>
internal sealed class DnsNameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static DnsNameComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] name) => GetHashCode(name.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    /// <summary>Seeded anew in each process: nobody can choose names that collide.</summary>
    public int GetHashCode(ReadOnlySpan<byte> name)
    {
        var hash = new HashCode();
        hash.AddBytes(name);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
