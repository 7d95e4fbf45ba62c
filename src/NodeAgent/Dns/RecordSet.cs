using System.Buffers.Binary;

namespace NodeAgent.Dns;

/// <summary>A record of the cluster: a name, a type and the data as on the wire.</summary>
/// <param name="Glue">Of an SRV record: its target's addresses.</param>
internal sealed record DnsRecord(byte[] Name, ushort Type, byte[] Data, IReadOnlyList<byte[]>? Glue = null)
{
    /// <summary>Only says that there is such a name.</summary>
    public const ushort NameOnly = 0;

    /// <summary>RFC 2782; priority 0.</summary>
    public static DnsRecord Srv(byte[] name, int weight, int port, byte[] target, IReadOnlyList<byte[]> glue) =>
        new(name, RecordType.SRV, [0, 0, (byte)(weight >> 8), (byte)weight, (byte)(port >> 8), (byte)port, .. target], glue);
}

/// <summary>All records of one name and type, ready to be copied into an answer: each begins with a pointer to the question's name.</summary>
internal sealed class RecordSet
{
    /// <summary>Pointer, type, class, TTL and the length of the data.</summary>
    public const int HeadLength = 12;

    /// <summary>Seconds. Nothing that caches our answers shall tell what was true longer ago.</summary>
    public const uint Ttl = 1;

    private const int QuestionPointer = 0xc000 | DnsQuery.HeaderLength, Internet = 1, SrvTarget = 6;

    private RecordSet(byte[] wire, int count, byte[] extra, int extraCount, bool equal) =>
        (Wire, Count, Extra, ExtraCount, HasEqualRecords) = (wire, count, extra, extraCount, equal);

    public byte[] Wire { get; }
    public int Count { get; }

    /// <summary>The additional section: the addresses of SRV targets.</summary>
    public byte[] Extra { get; }

    public int ExtraCount { get; }

    /// <summary>All records are of one length, so that their order can be turned.</summary>
    public bool HasEqualRecords { get; }

    public static RecordSet Of(IReadOnlyList<DnsRecord> records)
    {
        var wire = new MemoryStream();
        var extra = new MemoryStream();
        var (extraCount, glued) = (0, new HashSet<byte[]>(DnsNameComparer.Instance));
        foreach (var record in records)
        {
            Write(wire, [], record.Type, record.Data);
            if (record.Glue is null || !glued.Add(record.Data[SrvTarget..])) continue;
            foreach (var address in record.Glue)
            {
                Write(extra, record.Data[SrvTarget..], address.Length == 4 ? RecordType.A : RecordType.AAAA, address);
                extraCount++;
            }
        }
        return new(wire.ToArray(), records.Count, extra.ToArray(), extraCount, records.All(record => record.Data.Length == records[0].Data.Length));
    }

    /// <param name="name">Empty: the question's.</param>
    private static void Write(MemoryStream to, ReadOnlySpan<byte> name, ushort type, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        WriteHead(head, type, Ttl, data.Length);
        to.Write(name);
        to.Write(name.Length == 0 ? head : head[2..]);
        to.Write(data);
    }

    public static void WriteHead(Span<byte> to, ushort type, uint ttl, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, QuestionPointer);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], Internet);
        BinaryPrimitives.WriteUInt32BigEndian(to[6..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(to[10..], (ushort)length);
    }

    /// <summary>A whole record with a name of its own, such as a zone's SOA.</summary>
    public static byte[] Standalone(byte[] name, ushort type, byte[] data)
    {
        var wire = new MemoryStream();
        Write(wire, name, type, data);
        return wire.ToArray();
    }

    /// <summary>The records from the first on that need no more room than there is.</summary>
    public WireSlice Fitting(int room)
    {
        var (at, count) = (0, 0);
        while (at < Wire.Length)
        {
            var end = at + HeadLength + BinaryPrimitives.ReadUInt16BigEndian(Wire.AsSpan(at + 10));
            if (end > room) break;
            (at, count) = (end, count + 1);
        }
        return new(Wire.AsSpan(0, at), count);
    }

    public readonly ref struct WireSlice(Span<byte> wire, int count)
    {
        private readonly Span<byte> wire = wire;

        public void Deconstruct(out Span<byte> records, out int number) { records = wire; number = count; }
    }
}
