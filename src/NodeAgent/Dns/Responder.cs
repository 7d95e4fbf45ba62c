namespace NodeAgent.Dns;

/// <summary>
/// Query in, answer out, by the table of names alone: no waiting, no allocation, any number of threads. What it cannot answer so (names of
/// others, aliases) it hands on.
/// </summary>
internal sealed class Responder(ClusterZone zone, NameTable table, ClusterNames names)
{
    /// <summary>No answer is due.</summary>
    public const int Drop = 0;

    /// <summary>Somebody has to be asked: <see cref="SlowResponder"/>.</summary>
    public const int Ask = -1;

    private const int Internet = 1, AnyClass = 255;

    private int rotation;

    /// <param name="limit">Most bytes of the answer; null by UDP: what the client says that it takes.</param>
    /// <returns>The answer's length, <see cref="Drop"/> or <see cref="Ask"/>.</returns>
    public int Respond(ReadOnlySpan<byte> message, Span<byte> buffer, int? limit = null)
    {
        Span<byte> lower = stackalloc byte[DnsName.Longest];
        switch (DnsQuery.Parse(message, lower, out var query))
        {
            case QueryFault.NotAQuery: return Drop;
            case QueryFault.Malformed: return DnsResponse.Fault(message, buffer, ResponseCode.FormatError);
            case QueryFault.NotImplemented: return DnsResponse.Fault(message, buffer, ResponseCode.NotImplemented);
        }
        if (query.EdnsVersion > 0) return DnsResponse.Empty(query, buffer, ResponseCode.BadVersion);
        if (query.Class is not (Internet or AnyClass)) return DnsResponse.Empty(query, buffer, ResponseCode.Refused);
        if (query.Type is RecordType.AXFR or RecordType.IXFR) return DnsResponse.Empty(query, buffer, ResponseCode.Refused);
        return Answer(query, buffer, LimitOf(query, limit));
    }

    public static int LimitOf(in DnsQuery query, int? limit) => limit ?? Math.Min(query.UdpSize, DnsResponse.UdpSize);

    private int Answer(in DnsQuery query, Span<byte> buffer, int limit)
    {
        var found = table.Find(query.Name);
        if (found?.Records.Count > 0)
        {
            if (found.Alias is not null && query.Type is not (RecordType.CNAME or RecordType.ANY)) return Ask;
            return Known(query, found.Find(query.Type), buffer, limit);
        }
        Span<byte> address = stackalloc byte[4];
        switch (zone.KindOf(query.Name, address))
        {
            case NameKind.Foreign: return Ask;
            case NameKind.Pod: return OfPod(query, address, buffer, limit);
            case NameKind.Empty: return Known(query, null, buffer, limit);
        }
        if (found is not null) return Known(query, null, buffer, limit); // others lie below it
        return names.Ready ? Nothing(query, ResponseCode.NameError, buffer, limit) : DnsResponse.Empty(query, buffer, ResponseCode.ServerFailure);
    }

    private int Known(in DnsQuery query, RecordSet? set, Span<byte> buffer, int limit)
    {
        if (set is null) return Nothing(query, ResponseCode.NoError, buffer, limit);
        var response = new DnsResponse(query, buffer, limit);
        response.SetAuthoritative();
        response.Answer(set, set.Count > 1 ? (int)((uint)Interlocked.Increment(ref rotation) & int.MaxValue) : 0);
        response.Additional(set);
        return response.Finish();
    }

    private int OfPod(in DnsQuery query, ReadOnlySpan<byte> address, Span<byte> buffer, int limit)
    {
        if (query.Type is not (RecordType.A or RecordType.ANY)) return Nothing(query, ResponseCode.NoError, buffer, limit);
        var response = new DnsResponse(query, buffer, limit);
        response.SetAuthoritative();
        response.AnswerAddress(address, RecordSet.Ttl);
        return response.Finish();
    }

    private int Nothing(in DnsQuery query, int code, Span<byte> buffer, int limit)
    {
        var response = new DnsResponse(query, buffer, limit) { Code = code };
        response.SetAuthoritative();
        response.Authority(zone.Soa(query.Name));
        return response.Finish();
    }
}
