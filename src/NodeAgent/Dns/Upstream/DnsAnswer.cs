using System.Buffers.Binary;

namespace NodeAgent.Dns.Upstream;

/// <summary>A record of a message from elsewhere; names in its data are written out.</summary>
internal sealed record ReadRecord(byte[] Name, ushort Type, ushort Class, uint Ttl, byte[] Data);

/// <summary>
/// An answer from elsewhere, checked from end to end: header, question, answer and authority, and of the additional section what comes before
/// the OPT record. Bytes after that are cut off.
/// </summary>
internal sealed class DnsAnswer
{
    private const int LongestJump = 64;

    private readonly byte[] message;
    private readonly List<int> ttls = [];

    private DnsAnswer(byte[] message) => this.message = message;

    public int Length { get; private set; }
    public int Code => Number(2) & DnsFlags.Code;
    public bool Truncated => (Number(2) & DnsFlags.Truncated) != 0;
    public int Answers => Number(6);
    public int Authorities => Number(8);
    public int QuestionEnd { get; private set; }
    public int Additionals { get; private set; }
    public ReadOnlySpan<byte> Message => message.AsSpan(0, Length);

    /// <summary>Where the TTLs stand.</summary>
    public IReadOnlyList<int> Ttls => ttls;

    /// <summary>Seconds for which it holds: the least of its records, or what the SOA says of there being none (RFC 2308 5).</summary>
    public uint Lifetime { get; private set; } = uint.MaxValue;

    public bool IsNegative { get; private set; }

    /// <summary>The answer section.</summary>
    public IReadOnlyList<ReadRecord> Records { get; private set; } = [];

    /// <returns>Null if it is no answer to that question.</returns>
    /// <param name="query">Header and question.</param>
    public static DnsAnswer? Read(byte[] message, ReadOnlySpan<byte> query)
    {
        if (message.Length < query.Length || query.Length < DnsQuery.HeaderLength) return null;
        var answer = new DnsAnswer(message);
        var flags = answer.Number(2);
        if (answer.Number(0) != BinaryPrimitives.ReadUInt16BigEndian(query) || (flags & DnsFlags.Response) == 0 || (flags & DnsFlags.Opcode) != 0 || answer.Number(4) != 1) return null;
        for (var i = DnsQuery.HeaderLength; i < query.Length; i++)
            if (DnsName.Lower(message[i]) != DnsName.Lower(query[i])) return null;
        answer.QuestionEnd = query.Length;
        return answer.ReadSections() ? answer : null;
    }

    private bool ReadSections()
    {
        var at = QuestionEnd;
        var records = new List<ReadRecord>();
        for (var i = Number(6); i > 0; i--)
        {
            if (!ReadRecord(ref at, out var record)) return Truncated && Cut(records);
            records.Add(record);
            Lifetime = Math.Min(Lifetime, record.Ttl);
        }
        Records = records;
        IsNegative = records.Count == 0;
        for (var i = Number(8); i > 0; i--)
        {
            if (!ReadRecord(ref at, out var record)) return Truncated && Cut(records);
            if (record is { Type: RecordType.SOA, Data.Length: >= 22 } && IsNegative)
                Lifetime = Math.Min(record.Ttl, BinaryPrimitives.ReadUInt32BigEndian(record.Data.AsSpan(record.Data.Length - 4)));
        }
        Length = at;
        for (var i = Number(10); i > 0; i--)
        {
            if (!ReadRecord(ref at, out var record) || record.Type == RecordType.OPT) break;
            Additionals++;
            Length = at;
        }
        if (Lifetime == uint.MaxValue) Lifetime = 0;
        ttls.RemoveAll(offset => offset >= Length);
        return true;
    }

    /// <summary>A truncated message may end anywhere; only that it is truncated counts then.</summary>
    private bool Cut(List<ReadRecord> records)
    {
        (Records, Length, Lifetime) = (records, QuestionEnd, 0);
        return true;
    }

    private int Number(int at) => BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at));

    private bool ReadRecord(ref int at, out ReadRecord record)
    {
        record = null!;
        if (ReadName(ref at) is not { } name || at + 10 > message.Length) return false;
        var (type, kind, ttl) = ((ushort)Number(at), (ushort)Number(at + 2), BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(at + 4)));
        var (start, end) = (at + 10, at + 10 + Number(at + 8));
        if (end > message.Length) return false;
        if (type != RecordType.OPT) ttls.Add(at + 4);
        if (ReadData(type, start, end) is not { } data) return false;
        record = new(name, type, kind, ttl > int.MaxValue ? 0 : ttl, data);
        at = end;
        return true;
    }

    /// <summary>Names in the data of the old types may be compressed (RFC 3597 4); in all others they are not.</summary>
    private byte[]? ReadData(ushort type, int start, int end)
    {
        var (before, names) = type switch
        {
            RecordType.CNAME or RecordType.NS or RecordType.PTR => (0, 1),
            RecordType.MX => (2, 1),
            RecordType.SOA => (0, 2),
            RecordType.SRV => (6, 1),
            _ => (end - start, 0),
        };
        if (start + before > end) return null;
        var data = new List<byte>(message[start..(start + before)]);
        var at = start + before;
        for (; names > 0; names--)
        {
            if (ReadName(ref at) is not { } name || at > end) return null;
            data.AddRange(name);
        }
        data.AddRange(message[at..end]);
        return [.. data];
    }

    /// <summary>A pointer leads backwards only, so that there is an end.</summary>
    private byte[]? ReadName(ref int at)
    {
        var name = new List<byte>();
        var (here, limit, jumps, after) = (at, message.Length, 0, -1);
        while (here < limit)
        {
            var label = message[here];
            if (label >= 0xc0)
            {
                if (here + 1 >= message.Length || ++jumps > LongestJump) return null;
                var to = ((label & 0x3f) << 8) | message[here + 1];
                if (after < 0) after = here + 2;
                if (to >= here) return null;
                (here, limit) = (to, here);
                continue;
            }
            if (label > DnsName.LongestLabel || here + 1 + label > message.Length || name.Count + label + 1 > DnsName.Longest) return null;
            name.AddRange(message.AsSpan(here, label + 1));
            here += label + 1;
            if (label != 0) continue;
            at = after < 0 ? here : after;
            return [.. name];
        }
        return null;
    }
}
