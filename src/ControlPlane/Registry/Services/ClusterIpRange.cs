using System.Buffers.Binary;
using System.Net;
using ControlPlane.Registry.Validation;

namespace ControlPlane.Registry.Services;

/// <summary>
/// The addresses of the service network. Automatic choices come from the upper part, so that addresses asked for by
/// number, usually low ones, seldom clash (KEP-3070); the addresses of the Services kubernetes (.1) and kube-dns (.10)
/// are never chosen automatically. Not safe for concurrent use.
/// </summary>
internal sealed class ClusterIpRange
{
    private const int DnsOffset = 10;

    private readonly string cidr;
    private readonly uint network;
    private readonly Bitmap taken;
    private readonly int upper;

    /// <exception cref="FormatException">Not an IPv4 range from /12 to /29.</exception>
    public ClusterIpRange(string cidr)
    {
        this.cidr = cidr;
        if (IpAddress.CidrProblem(cidr) is { } problem) throw new FormatException($"service range \"{cidr}\": {problem}");
        var length = int.Parse(cidr[(cidr.IndexOf('/') + 1)..]);
        var address = IPAddress.Parse(cidr[..cidr.IndexOf('/')]);
        if (address.GetAddressBytes() is not { Length: 4 } bytes || length is < 12 or > 29)
            throw new FormatException($"service range \"{cidr}\": must be IPv4, /12 to /29");
        var size = 1 << (32 - length);
        network = BinaryPrimitives.ReadUInt32BigEndian(bytes) & ~(uint)(size - 1);
        taken = new Bitmap(size);
        taken.Take(0); // the network's own address
        taken.Take(size - 1); // and its broadcast address
        upper = Math.Min(Math.Max(16, size / 16), 256) is var low && low < size - 1 ? low : 2;
    }

    public IPAddress First => Address(1);

    /// <summary>Null in a range that is too small to have it.</summary>
    public IPAddress? Dns => DnsOffset < taken.Size - 1 ? Address(DnsOffset) : null;

    /// <summary>Null, or why the address cannot be had.</summary>
    public string? Take(string address) => Offset(address) is not { } offset ? OutOfRange : taken.Take(offset) ? null : "provided IP is already allocated";

    /// <summary>A free address, null where there is none.</summary>
    public string? TakeAny()
    {
        var free = taken.NextFree(upper, taken.Size, Random.Shared.Next(upper, taken.Size)) ?? LowerFree();
        if (free is not { } offset) return null;
        taken.Take(offset);
        return Address(offset).ToString();
    }

    private int? LowerFree()
    {
        for (var offset = 2; offset < upper; offset++)
            if (offset != DnsOffset && !taken[offset]) return offset;
        return null;
    }

    public void Release(string address)
    {
        if (Offset(address) is { } offset) taken.Release(offset);
    }

    private string OutOfRange => $"provided IP is not in the valid range. The range of valid IPs is {cidr}";

    private int? Offset(string address)
    {
        if (IpAddress.Parse(address)?.GetAddressBytes() is not { Length: 4 } bytes) return null;
        var offset = (long)BinaryPrimitives.ReadUInt32BigEndian(bytes) - network;
        return offset > 0 && offset < taken.Size - 1 ? (int)offset : null;
    }

    private IPAddress Address(int offset)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, network + (uint)offset);
        return new IPAddress(bytes);
    }
}
