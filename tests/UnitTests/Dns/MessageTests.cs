using NodeAgent.Dns;
using NodeAgent.Dns.Upstream;

namespace UnitTests.Dns;

/// <summary>Messages byte by byte, and what no client should send.</summary>
public class MessageTests
{
    private static readonly TestNames Cluster = TestNames.With([TestNames.Service("a", "10.96.0.17"), TestNames.Service("many", "None")],
        TestNames.Slice("many", [.. Enumerable.Range(1, 200).Select(i => TestNames.Endpoint($"10.244.3.{i}"))]));

    [Fact]
    public void An_answer_is_these_bytes()
    {
        var query = TestNames.Query("A.default.svc.cluster.local", RecordType.A);
        Assert.Equal(
            "4E41" + "8580" + "0001" + "0001" + "0000" + "0000" +                             // AA RD RA, one answer
            "0141" + "0764656661756C74" + "03737663" + "07636C7573746572" + "056C6F63616C" + "00" + "0001" + "0001" + // the question, spelt as asked
            "C00C" + "0001" + "0001" + "00000001" + "0004" + "0A600011",                      // TTL 1 s, 10.96.0.17
            Convert.ToHexString(Cluster.Ask(query)!));
    }

    [Fact]
    public void A_name_without_records_of_the_type_has_an_SOA_that_may_be_kept_for_a_second()
    {
        var query = TestNames.Query("a.default.svc.cluster.local", RecordType.AAAA);
        var answer = DnsAnswer.Read(Cluster.Ask(query)!, query)!;
        Assert.True(answer is { Code: ResponseCode.NoError, IsNegative: true, Authorities: 1, Lifetime: 1 });
    }

    [Theory]
    [InlineData(null, 512, true)]
    [InlineData(4096, 1232, true)]
    [InlineData(0, 512, true)]
    public void By_UDP_no_more_than_the_client_takes_and_never_a_fragment(int? offered, int limit, bool truncated)
    {
        var answer = Cluster.Ask(TestNames.Query("many.default.svc.cluster.local", RecordType.A, offered))!;
        Assert.InRange(answer.Length, limit - 64, limit);
        Assert.Equal(truncated, (answer[2] & 2) != 0);
    }

    [Fact]
    public void By_TCP_all_of_it()
    {
        var query = TestNames.Query("many.default.svc.cluster.local", RecordType.A);
        var answer = DnsAnswer.Read(Cluster.Ask(query, limit: 65535)!, query)!;
        Assert.Equal(200, answer.Answers);
        Assert.False(answer.Truncated);
    }

    [Fact]
    public void EDNS_is_answered_with_EDNS_and_an_unknown_version_with_BADVERS()
    {
        var query = TestNames.Query("a.default.svc.cluster.local", RecordType.A, 4096);
        var answer = Cluster.Ask(query)!;
        Assert.Equal([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0], answer[^11..]);
        query[^5] = 1;
        answer = Cluster.Ask(query)!;
        Assert.Equal((1, 0), (answer[^6], answer[3] & 15)); // 16, in two places
    }

    [Theory]
    [InlineData(0x2800, 4)] // UPDATE
    [InlineData(0x1000, 4)] // STATUS
    public void Another_opcode_is_not_implemented(int flags, int code) =>
        Assert.Equal(code, Cluster.Ask(TestNames.Query("a.default.svc.cluster.local", RecordType.A, flags: flags))![3] & 15);

    [Fact]
    public void Another_class_and_a_zone_transfer_are_refused()
    {
        var chaos = TestNames.Query("version.bind", RecordType.TXT);
        chaos[^1] = 3;
        Assert.Equal(ResponseCode.Refused, Cluster.Ask(chaos)![3] & 15);
        Assert.Equal(ResponseCode.Refused, Cluster.Ask(TestNames.Query("cluster.local", RecordType.AXFR))![3] & 15);
    }

    [Fact]
    public void An_answer_or_less_than_a_header_gets_no_answer()
    {
        Assert.Null(Cluster.Ask(TestNames.Query("a.default.svc.cluster.local", RecordType.A, flags: 0x8000)));
        Assert.Null(Cluster.Ask(TestNames.Query("a.default.svc.cluster.local", RecordType.A)[..11]));
    }

    [Fact]
    public void Half_a_question_a_pointer_in_it_and_two_of_them_are_format_errors()
    {
        var query = TestNames.Query("a.default.svc.cluster.local", RecordType.A);
        Assert.Equal(ResponseCode.FormatError, Cluster.Ask(query[..^3])![3] & 15);
        var pointer = (byte[])query.Clone();
        pointer[12] = 0xc0;
        Assert.Equal(ResponseCode.FormatError, Cluster.Ask(pointer)![3] & 15);
        query[5] = 2;
        Assert.Equal(ResponseCode.FormatError, Cluster.Ask(query)![3] & 15);
    }

    [Fact]
    public void Random_and_spoilt_packets_never_hurt()
    {
        var random = new Random(53);
        byte[][] seeds =
        [
            TestNames.Query("a.default.svc.cluster.local", RecordType.A, 1232), TestNames.Query("_x._tcp.many.default.svc.cluster.local", RecordType.SRV),
            TestNames.Query("17.0.96.10.in-addr.arpa", RecordType.PTR), TestNames.Query("10-244-1-5.default.pod.cluster.local", RecordType.A),
            Cluster.Ask(TestNames.Query("many.default.svc.cluster.local", RecordType.A, 1232))!,
        ];
        var buffer = new byte[DnsResponse.UdpSize];
        for (var i = 0; i < 100_000; i++)
        {
            var packet = Spoilt(random, seeds[i % seeds.Length]);
            var length = Cluster.Responder.Respond(packet, buffer);
            Assert.InRange(length, -1, DnsResponse.UdpSize);
            if (length > 0) Assert.Equal(packet[..2], buffer[..2]);
            _ = DnsAnswer.Read((byte[])packet.Clone(), seeds[i % seeds.Length].AsSpan(0, Math.Min(packet.Length, 40)));
        }
        Assert.Equal("0: 10.96.0.17", Cluster.Ask("a.default.svc.cluster.local", RecordType.A));
    }

    private static byte[] Spoilt(Random random, byte[] seed)
    {
        if (random.Next(10) == 0)
        {
            var noise = new byte[random.Next(600)];
            random.NextBytes(noise);
            return noise;
        }
        var packet = (byte[])seed.Clone();
        for (var changes = random.Next(1, 6); changes > 0; changes--) packet[random.Next(packet.Length)] = (byte)random.Next(256);
        return random.Next(3) == 0 ? packet[..random.Next(packet.Length)] : packet;
    }
}
