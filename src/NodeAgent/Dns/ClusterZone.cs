using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace NodeAgent.Dns;

/// <summary>Where a name belongs that the table does not have.</summary>
internal enum NameKind
{
    /// <summary>Somebody else's: ask upstream.</summary>
    Foreign,

    /// <summary>In a zone of the cluster, and not there.</summary>
    Missing,

    /// <summary>Exists, without records of its own.</summary>
    Empty,

    /// <summary>a-b-c-d.namespace.pod.DOMAIN: tells its address itself.</summary>
    Pod,
}

/// <summary>The zones that this cluster answers for: its domain, and the reverse names of its pods' and Services' addresses.</summary>
internal sealed class ClusterZone
{
    private const string Version = "1.1.0";

    private readonly byte[] pods;
    private readonly (uint First, uint Mask)[] networks;
    private readonly (byte[] Zone, byte[] Record)[] soas;
    private static readonly byte[] ReverseDomain = DnsName.Parse("in-addr.arpa")!;

    /// <param name="domain">E.g. cluster.local.</param>
    /// <param name="networks">IPv4 networks whose reverse names are the cluster's.</param>
    /// <exception cref="FormatException">That is no domain name.</exception>
    public ClusterZone(string domain, IPAddress server, IReadOnlyList<IPNetwork> networks)
    {
        Domain = DnsName.Parse(domain) is { Length: > 1 } name ? name : throw new FormatException($"'{domain}' is no domain name");
        pods = DnsName.Below(Domain, "pod") ?? throw new FormatException($"'{domain}' is too long");
        this.networks = [.. networks.Select(network => (BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes()), Mask(network.PrefixLength)))];
        var primary = DnsName.Below(Domain, "ns.dns")!;
        byte[] data = [.. primary, .. DnsName.Below(Domain, "hostmaster")!, .. Numbers(Serial(), 7200, 1800, 86400, RecordSet.Ttl)];
        soas = [.. networks.Select(ReverseZone).Prepend(Domain).Select(zone => (zone, RecordSet.Standalone(zone, RecordType.SOA, data)))];
        Own =
        [
            new(Domain, RecordType.SOA, data), new(Domain, RecordType.NS, primary), new(primary, RecordType.A, server.GetAddressBytes()),
            new(DnsName.Below(Domain, "dns-version")!, RecordType.TXT, [(byte)Version.Length, .. Encoding.ASCII.GetBytes(Version)]),
            new(DnsName.Below(Domain, "svc")!, DnsRecord.NameOnly, []), new(pods, DnsRecord.NameOnly, []),
        ];
    }

    public byte[] Domain { get; }

    /// <summary>The zone's own records.</summary>
    public IReadOnlyList<DnsRecord> Own { get; }

    /// <summary>The SOA record of the zone that the name is in: it carries the time for which "there is none" may be kept.</summary>
    public ReadOnlySpan<byte> Soa(ReadOnlySpan<byte> name)
    {
        foreach (var (zone, record) in soas)
            if (DnsName.IsIn(name, zone)) return record;
        return soas[0].Record;
    }

    /// <param name="name">In lower case, as from <see cref="DnsQuery"/>.</param>
    /// <param name="address">Of a pod's name: four bytes.</param>
    public NameKind KindOf(ReadOnlySpan<byte> name, Span<byte> address)
    {
        if (DnsName.IsIn(name, Domain)) return name.Length > pods.Length && DnsName.IsIn(name, pods) ? PodName(name, address) : NameKind.Missing;
        return DnsName.IsIn(name, ReverseDomain) && ReverseOf(name, address) && IsOurs(BinaryPrimitives.ReadUInt32BigEndian(address)) ? NameKind.Missing : NameKind.Foreign;
    }

    private bool IsOurs(uint address)
    {
        foreach (var (first, mask) in networks)
            if ((address & mask) == first) return true;
        return false;
    }

    private NameKind PodName(ReadOnlySpan<byte> name, Span<byte> address)
    {
        var above = DnsName.Parent(name);
        if (above.SequenceEqual(pods)) return NameKind.Empty; // a namespace
        return DnsName.Parent(above).SequenceEqual(pods) && Dashed(name.Slice(1, name[0]), address) ? NameKind.Pod : NameKind.Missing;
    }

    /// <summary>10-244-1-5, each number as it is usually written.</summary>
    private static bool Dashed(ReadOnlySpan<byte> label, Span<byte> address)
    {
        for (var part = 0; part < 4; part++)
        {
            var end = part == 3 ? label.Length : label.IndexOf((byte)'-');
            if (end < 1 || !Number(label[..end], out address[part])) return false;
            label = part == 3 ? [] : label[(end + 1)..];
        }
        return true;
    }

    /// <summary>d.c.b.a.in-addr.arpa.</summary>
    private static bool ReverseOf(ReadOnlySpan<byte> name, Span<byte> address)
    {
        for (var part = 3; part >= 0; part--)
        {
            if (name[0] == 0 || !Number(name.Slice(1, name[0]), out address[part])) return false;
            name = DnsName.Parent(name);
        }
        return name.SequenceEqual(ReverseDomain);
    }

    private static bool Number(ReadOnlySpan<byte> digits, out byte value)
    {
        value = 0;
        if (digits.Length is < 1 or > 3 || (digits.Length > 1 && digits[0] == '0')) return false;
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            number = number * 10 + digit - '0';
        }
        value = (byte)number;
        return number <= 255;
    }

    /// <summary>Of the whole bytes of the prefix: 96.10.in-addr.arpa of 10.96.0.0/16.</summary>
    private static byte[] ReverseZone(IPNetwork network) => DnsName.Parse(string.Join('.',
        network.BaseAddress.GetAddressBytes().Take(network.PrefixLength / 8).Reverse().Select(part => $"{part}").Append("in-addr.arpa")))!;

    private static uint Mask(int prefix) => prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);

    private static uint Serial() => (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static byte[] Numbers(params uint[] numbers)
    {
        var bytes = new byte[4 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 * i), numbers[i]);
        return bytes;
    }
}
