using System.Buffers.Binary;

namespace NodeAgent.Dns;

/// <summary>What reading a query came to.</summary>
internal enum QueryFault
{
    None,

    /// <summary>Nothing that is answered: too short, or itself an answer.</summary>
    NotAQuery,

    Malformed,

    /// <summary>An opcode other than QUERY.</summary>
    NotImplemented,
}

/// <summary>The header, question and EDNS of a query (RFC 1035 4.1, RFC 6891). Reads any bytes safely and allocates nothing.</summary>
internal ref struct DnsQuery
{
    public const int HeaderLength = 12;
    private const int OptionLength = 11, DnssecOk = 0x8000, MostAdditional = 16;

    public ReadOnlySpan<byte> Message;

    /// <summary>The question's name in lower case: the key of tables.</summary>
    public ReadOnlySpan<byte> Name;

    /// <summary>Header and question as they came; the case of the name is kept in the answer (0x20).</summary>
    public int QuestionEnd;

    public ushort Flags, Type, Class;
    public bool HasEdns, WantsDnssec;

    /// <summary>Bytes that the client takes by UDP.</summary>
    public int UdpSize;

    public int EdnsVersion;

    public readonly bool WantsRecursion => (Flags & DnsFlags.RecursionDesired) != 0;

    /// <param name="lower">Room for the name, <see cref="DnsName.Longest"/> bytes.</param>
    public static QueryFault Parse(ReadOnlySpan<byte> message, Span<byte> lower, out DnsQuery query)
    {
        query = default;
        query.Message = message;
        query.UdpSize = 512;
        if (message.Length < HeaderLength) return QueryFault.NotAQuery;
        query.Flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((query.Flags & DnsFlags.Response) != 0) return QueryFault.NotAQuery;
        if ((query.Flags & DnsFlags.Opcode) != 0) return QueryFault.NotImplemented;
        if (Count(message, 4) != 1 || Count(message, 6) != 0 || Count(message, 8) != 0) return QueryFault.Malformed;
        if (!query.ReadQuestion(lower)) return QueryFault.Malformed;
        return query.ReadAdditional(Count(message, 10)) ? QueryFault.None : QueryFault.Malformed;
    }

    private static int Count(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    /// <summary>No compression: there is nothing before the question that a pointer could lead to.</summary>
    private bool ReadQuestion(Span<byte> lower)
    {
        var at = HeaderLength;
        var length = 0;
        while (true)
        {
            if (at >= Message.Length) return false;
            var label = Message[at];
            if (label > DnsName.LongestLabel || length + label + 1 > DnsName.Longest || at + label >= Message.Length) return false;
            lower[length++] = label;
            for (var i = 1; i <= label; i++) lower[length++] = DnsName.Lower(Message[at + i]);
            at += label + 1;
            if (label == 0) break;
        }
        if (at + 4 > Message.Length) return false;
        Name = lower[..length];
        Type = BinaryPrimitives.ReadUInt16BigEndian(Message[at..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(Message[(at + 2)..]);
        QuestionEnd = at + 4;
        return true;
    }

    /// <summary>Looks for OPT; other records (TSIG, …) are passed over. Bytes after the last record are nobody's business.</summary>
    private bool ReadAdditional(int count)
    {
        var at = QuestionEnd;
        if (count > MostAdditional) return false;
        for (; count > 0; count--)
        {
            if (!SkipName(ref at) || at + 10 > Message.Length) return false;
            var type = BinaryPrimitives.ReadUInt16BigEndian(Message[at..]);
            if (type == RecordType.OPT)
            {
                if (HasEdns || Message[at - 1] != 0) return false; // RFC 6891 6.1.1: one, of the root
                HasEdns = true;
                UdpSize = Math.Max((ushort)512, BinaryPrimitives.ReadUInt16BigEndian(Message[(at + 2)..]));
                EdnsVersion = Message[at + 5];
                WantsDnssec = (BinaryPrimitives.ReadUInt16BigEndian(Message[(at + 6)..]) & DnssecOk) != 0;
            }
            at += 10 + BinaryPrimitives.ReadUInt16BigEndian(Message[(at + 8)..]);
            if (at > Message.Length) return false;
        }
        return true;
    }

    private readonly bool SkipName(ref int at)
    {
        while (at < Message.Length)
        {
            var label = Message[at];
            if (label >= 0xc0)
            {
                at += 2;
                return at <= Message.Length;
            }
            if (label > DnsName.LongestLabel) return false;
            at += label + 1;
            if (label == 0) return at <= Message.Length;
        }
        return false;
    }

    /// <summary>Bytes of the OPT record that an answer to this query has.</summary>
    public readonly int OptionRoom => HasEdns ? OptionLength : 0;
}
