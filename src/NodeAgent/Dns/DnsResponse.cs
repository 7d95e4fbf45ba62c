using System.Buffers.Binary;
using NodeAgent.Dns.Upstream;

namespace NodeAgent.Dns;

/// <summary>Writes the answer to a query into a buffer: header and question first, then records, at last the OPT record.</summary>
internal ref struct DnsResponse
{
    /// <summary>What we take by UDP, and the most that we send: never a fragment (DNS flag day 2020).</summary>
    public const int UdpSize = 1232;

    private readonly Span<byte> buffer;
    private readonly int room;
    private readonly bool hasEdns, dnssec;
    private int at, flags, answers, authorities, additionals, extendedCode;

    /// <param name="limit">Most bytes of the whole message.</param>
    public DnsResponse(in DnsQuery query, Span<byte> buffer, int limit)
    {
        this.buffer = buffer;
        (hasEdns, dnssec) = (query.HasEdns, query.WantsDnssec);
        room = Math.Min(limit, buffer.Length) - query.OptionRoom;
        flags = DnsFlags.Response | DnsFlags.RecursionAvailable | (query.Flags & DnsFlags.RecursionDesired);
        at = query.QuestionEnd;
        query.Message[..at].CopyTo(buffer);
    }

    /// <summary>An answer to what could not be read as a query: its id, opcode and a code.</summary>
    public static int Fault(ReadOnlySpan<byte> query, Span<byte> buffer, int code)
    {
        buffer[..DnsQuery.HeaderLength].Clear();
        query[..2].CopyTo(buffer);
        var asked = BinaryPrimitives.ReadUInt16BigEndian(query[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)(DnsFlags.Response | (asked & (DnsFlags.Opcode | DnsFlags.RecursionDesired)) | code));
        return DnsQuery.HeaderLength;
    }

    /// <summary>An answer with a code and nothing else.</summary>
    public static int Empty(in DnsQuery query, Span<byte> buffer, int code, bool truncated = false)
    {
        var response = new DnsResponse(query, buffer, buffer.Length) { Code = code };
        if (truncated) response.flags |= DnsFlags.Truncated;
        return response.Finish();
    }

    public int Code
    {
        set
        {
            flags = (flags & ~DnsFlags.Code) | (value & DnsFlags.Code);
            extendedCode = value >> 4;
        }
    }

    public void SetAuthoritative() => flags |= DnsFlags.Authoritative;

    /// <summary>As many of the records as fit; the TC flag says that there are more (RFC 2181 9).</summary>
    public void Answer(RecordSet set, int rotation)
    {
        var wire = set.Wire.AsSpan();
        if (wire.Length > room - at)
        {
            flags |= DnsFlags.Truncated;
            (wire, var count) = set.Fitting(room - at);
            wire.CopyTo(buffer[at..]);
            answers += count;
        }
        else
        {
            // Clients use the first address: each answer begins with another one.
            var split = set.Count > 1 && set.HasEqualRecords ? rotation % set.Count * (wire.Length / set.Count) : 0;
            wire[split..].CopyTo(buffer[at..]);
            wire[..split].CopyTo(buffer[(at + wire.Length - split)..]);
            answers += set.Count;
        }
        at += wire.Length;
    }

    /// <summary>One record of a name that is the question's own.</summary>
    public void AnswerAddress(ReadOnlySpan<byte> address, uint ttl)
    {
        RecordSet.WriteHead(buffer[at..], address.Length == 4 ? RecordType.A : RecordType.AAAA, ttl, address.Length);
        address.CopyTo(buffer[(at + RecordSet.HeadLength)..]);
        at += RecordSet.HeadLength + address.Length;
        answers++;
    }

    /// <summary>A record with a name of its own, in full; <see cref="DnsFlags.Truncated"/> is set where it does not fit.</summary>
    public void Answer(ReadRecord record)
    {
        var length = record.Name.Length + RecordSet.HeadLength - 2 + record.Data.Length;
        if (length > room - at || (flags & DnsFlags.Truncated) != 0)
        {
            flags |= DnsFlags.Truncated;
            return;
        }
        record.Name.CopyTo(buffer[at..]);
        var head = buffer[(at + record.Name.Length)..];
        BinaryPrimitives.WriteUInt16BigEndian(head, record.Type);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], record.Class);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], record.Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(head[8..], (ushort)record.Data.Length);
        record.Data.CopyTo(head[10..]);
        at += length;
        answers++;
    }

    /// <summary>
    /// All records of another server's answer. They stand where they stood, since its question is as long as ours, so that pointers within
    /// them lead where they led.
    /// </summary>
    /// <param name="age">Seconds to take off their TTLs.</param>
    public void Foreign(DnsAnswer answer, uint age)
    {
        answer.Message[at..].CopyTo(buffer[at..]);
        foreach (var ttl in answer.Ttls)
        {
            var left = BinaryPrimitives.ReadUInt32BigEndian(buffer[ttl..]);
            BinaryPrimitives.WriteUInt32BigEndian(buffer[ttl..], left > age ? left - age : 0);
        }
        (at, answers, authorities, additionals) = (answer.Length, answer.Answers, answer.Authorities, answer.Additionals);
    }

    /// <summary>Records that help and are left out where there is no room for all of them.</summary>
    public void Additional(RecordSet set)
    {
        if (set.Extra.Length > room - at) return;
        set.Extra.CopyTo(buffer[at..]);
        at += set.Extra.Length;
        additionals += set.ExtraCount;
    }

    /// <summary>The zone's SOA, for answers without any record (RFC 2308).</summary>
    public void Authority(ReadOnlySpan<byte> soa)
    {
        if (soa.Length > room - at) return;
        soa.CopyTo(buffer[at..]);
        at += soa.Length;
        authorities++;
    }

    /// <returns>The length of the message.</returns>
    public int Finish()
    {
        if (hasEdns)
        {
            var option = buffer[at..];
            option[0] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(option[1..], RecordType.OPT);
            BinaryPrimitives.WriteUInt16BigEndian(option[3..], UdpSize);
            (option[5], option[6]) = ((byte)extendedCode, 0);
            BinaryPrimitives.WriteUInt16BigEndian(option[7..], (ushort)(dnssec ? 0x8000 : 0));
            BinaryPrimitives.WriteUInt16BigEndian(option[9..], 0);
            at += 11;
        }
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[6..], (ushort)answers);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[8..], (ushort)authorities);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[10..], (ushort)(additionals + (hasEdns ? 1 : 0)));
        return at;
    }
}
