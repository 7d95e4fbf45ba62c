using System.Net;
using System.Net.Sockets;
using Linux;

namespace NodeAgent.Dns;

/// <summary>Asks the server as a client of this node would.</summary>
internal sealed class DnsSelfCheck(IPAddress address, string domain, NetworkNamespace node)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly byte[] query =
        [0x6e, 0x61, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. DnsName.Parse($"dns-version.{domain}")!, 0, (byte)RecordType.TXT, 0, 1];

    public async Task<bool> Answers(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            using var socket = node.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            await socket.ConnectAsync(new IPEndPoint(address, 53), patience.Token);
            await socket.SendAsync(query, patience.Token);
            var answer = new byte[DnsResponse.UdpSize];
            var length = await socket.ReceiveAsync(answer, patience.Token);
            return length > DnsQuery.HeaderLength && answer[0] == query[0] && answer[1] == query[1];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return false;
        }
    }
}
