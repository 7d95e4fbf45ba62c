using NodeAgent.Dns.Upstream;

namespace NodeAgent.Dns;

/// <summary>Answers for which somebody has to be asked: names of others, and aliases (ExternalName), which are followed to their addresses.</summary>
internal sealed class SlowResponder(ClusterZone zone, NameTable table, Forwarder forwarder)
{
    private const int LongestChain = 8;

    /// <param name="message">A query that <see cref="Responder"/> could read.</param>
    /// <param name="limit">As there.</param>
    public async Task<byte[]> Respond(byte[] message, int? limit)
    {
        var (name, type, dnssec) = Question(message);
        if (table.Find(name)?.Alias is not null) return Write(message, limit, await Follow(name, type, dnssec));
        var answer = await forwarder.Resolve(new(name, type, dnssec));
        return answer is null ? Failure(message) : Pass(message, answer, limit);
    }

    private static (byte[] Name, ushort Type, bool Dnssec) Question(byte[] message)
    {
        DnsQuery.Parse(message, stackalloc byte[DnsName.Longest], out var query);
        return (query.Name.ToArray(), query.Type, query.WantsDnssec);
    }

    public static byte[] Failure(byte[] message)
    {
        DnsQuery.Parse(message, stackalloc byte[DnsName.Longest], out var query);
        var buffer = new byte[DnsResponse.UdpSize];
        return buffer[..DnsResponse.Empty(query, buffer, ResponseCode.ServerFailure)];
    }

    /// <summary>Another server's answer: with the client's own question (its id, its spelling), and TTLs that have shrunk while it was kept.</summary>
    private static byte[] Pass(byte[] message, UpstreamAnswer answer, int? limit)
    {
        DnsQuery.Parse(message, stackalloc byte[DnsName.Longest], out var query);
        var most = Responder.LimitOf(query, limit);
        var buffer = new byte[Math.Max(answer.Answer.Length, query.QuestionEnd) + query.OptionRoom + DnsQuery.HeaderLength];
        if (answer.Answer.Truncated || answer.Answer.Length + query.OptionRoom > most)
            return buffer[..DnsResponse.Empty(query, buffer, answer.Answer.Code, truncated: true)];
        var response = new DnsResponse(query, buffer, buffer.Length) { Code = answer.Answer.Code };
        response.Foreign(answer.Answer, answer.Age(DateTime.UtcNow));
        return buffer[..response.Finish()];
    }

    /// <summary>The records from the alias to the end of its chain.</summary>
    private sealed record Chain(IReadOnlyList<ReadRecord> Records, int Code);

    private async Task<Chain> Follow(byte[] name, ushort type, bool dnssec)
    {
        var records = new List<ReadRecord>();
        while (records.Count < LongestChain)
        {
            var found = table.Find(name);
            if (found?.Alias is { } target)
            {
                records.Add(new(name, RecordType.CNAME, 1, RecordSet.Ttl, target));
                name = Lower(target);
                continue;
            }
            if (found is not null) return new([.. records, .. found.Records.Where(record => record.Type == type).Select(record => new ReadRecord(name, type, 1, RecordSet.Ttl, record.Data))], ResponseCode.NoError);
            if (Outside(name) is { } local) return new(records, local);
            var answer = await forwarder.Resolve(new(name, type, dnssec));
            return answer is null ? new(records, ResponseCode.ServerFailure) : new([.. records, .. answer.Answer.Records], answer.Answer.Code);
        }
        return new(records, ResponseCode.ServerFailure); // the aliases lead in a circle
    }

    /// <returns>Null for a foreign name, else the code for one of ours that the table does not have.</returns>
    private int? Outside(byte[] name) => zone.KindOf(name, stackalloc byte[4]) switch
    {
        NameKind.Foreign => null,
        NameKind.Missing => ResponseCode.NameError,
        _ => ResponseCode.NoError,
    };

    private static byte[] Lower(byte[] name) => [.. name.Select(DnsName.Lower)];

    private byte[] Write(byte[] message, int? limit, Chain chain)
    {
        DnsQuery.Parse(message, stackalloc byte[DnsName.Longest], out var query);
        var most = Responder.LimitOf(query, limit);
        var buffer = new byte[most];
        var response = new DnsResponse(query, buffer, most) { Code = chain.Code };
        response.SetAuthoritative();
        foreach (var record in chain.Records) response.Answer(record);
        if (chain.Records.Count == 0 || chain.Records[^1].Type == RecordType.CNAME) response.Authority(zone.Soa(query.Name));
        return buffer[..response.Finish()];
    }
}
