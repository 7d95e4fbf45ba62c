using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Linux;

namespace NodeAgent.Dns.Upstream;

/// <summary>One question to one server: by UDP, and once more by TCP if the answer was cut. Id and source port are random each time.</summary>
internal sealed class UpstreamExchange(NetworkNamespace node)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <returns>Null: no answer within two seconds, or none that can be used.</returns>
    public async Task<DnsAnswer?> Ask(IPEndPoint server, UpstreamQuestion question)
    {
        var (query, end) = Write(question);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var answer = await ByUdp(server, query, end, patience.Token);
            return answer is { Truncated: true } ? await ByTcp(server, query, end, patience.Token) ?? answer : answer;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException) { return null; }
    }

    private static (byte[] Query, int QuestionEnd) Write(UpstreamQuestion question)
    {
        var end = DnsQuery.HeaderLength + question.Name.Length + 4;
        var query = new byte[end + 11];
        RandomNumberGenerator.Fill(query.AsSpan(0, 2));
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(2), DnsFlags.RecursionDesired);
        (query[5], query[11]) = (1, 1);
        question.Name.CopyTo(query, DnsQuery.HeaderLength);
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(end - 4), question.Type);
        query[end - 1] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(end + 1), RecordType.OPT);
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(end + 3), DnsResponse.UdpSize);
        if (question.Dnssec) query[end + 7] = 0x80;
        return (query, end);
    }

    /// <summary>A connected socket: the kernel drops what comes from anybody else. What answers something else is passed over.</summary>
    private async Task<DnsAnswer?> ByUdp(IPEndPoint server, byte[] query, int end, CancellationToken cancel)
    {
        using var socket = node.Run(() => new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        await socket.ConnectAsync(server, cancel);
        await socket.SendAsync(query, cancel);
        var buffer = new byte[4096];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, cancel);
            if (DnsAnswer.Read(buffer[..length], query.AsSpan(0, end)) is { } answer) return answer;
        }
    }

    private async Task<DnsAnswer?> ByTcp(IPEndPoint server, byte[] query, int end, CancellationToken cancel)
    {
        using var socket = node.Run(() => new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        await socket.ConnectAsync(server, cancel);
        await using var stream = new NetworkStream(socket);
        byte[] framed = [(byte)(query.Length >> 8), (byte)query.Length, .. query];
        await stream.WriteAsync(framed, cancel);
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancel);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(answer, cancel);
        return DnsAnswer.Read(answer, query.AsSpan(0, end));
    }
}
