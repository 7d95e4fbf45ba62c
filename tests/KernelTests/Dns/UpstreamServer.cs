using System.Net;
using System.Net.Sockets;
using KernelTests.ServiceProxy;
using NodeAgent.Dns;

namespace KernelTests.Dns;

/// <summary>
/// A name server of the outside for tests: counts what it is asked and answers by the first label: "slow" never, "long" cut by UDP and whole
/// by TCP, "fails" with SERVFAIL, "missing" with NXDOMAIN, anything else with its own address.
/// </summary>
internal sealed class UpstreamServer : IDisposable
{
    private readonly DnsSockets sockets;
    private readonly CancellationTokenSource stop = new();
    private readonly byte[] address;
    private int asked;

    public UpstreamServer(TestSpace space, string address)
    {
        this.address = IPAddress.Parse(address).GetAddressBytes();
        sockets = DnsSockets.Bind(new IPEndPoint(IPAddress.Parse(address), 53), space.Namespace);
        _ = Task.Run(Udp);
        _ = Task.Run(Tcp);
    }

    public int Asked => asked;

    private async Task Udp()
    {
        var buffer = new byte[4096];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var query = await sockets.Udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
                if (Answer(buffer[..query.ReceivedBytes], tcp: false) is { } answer) await sockets.Udp.SendToAsync(answer, query.RemoteEndPoint);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { }
        }
    }

    private async Task Tcp()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var client = await sockets.Tcp.AcceptAsync(stop.Token);
                var buffer = new byte[4096];
                var length = await client.ReceiveAsync(buffer, stop.Token);
                var answer = Answer(buffer[2..length], tcp: true)!;
                await client.SendAsync((byte[])[(byte)(answer.Length >> 8), (byte)answer.Length, .. answer]);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { }
        }
    }

    private byte[]? Answer(byte[] message, bool tcp)
    {
        Interlocked.Increment(ref asked);
        DnsQuery.Parse(message, new byte[DnsName.Longest], out var query);
        var label = System.Text.Encoding.ASCII.GetString(query.Name.Slice(1, query.Name[0]));
        byte[] head = [message[0], message[1], (byte)(label == "long" && !tcp ? 0x83 : 0x81), (byte)(0x80 | label switch { "fails" => 2, "missing" => 3, _ => 0 }), 0, 1];
        byte[] record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. address];
        var count = label switch { "fails" or "missing" => 0, "long" => tcp ? 100 : 0, _ => 1 };
        if (label == "slow") return null;
        return [.. head, 0, (byte)count, 0, 0, 0, 0, .. message[12..query.QuestionEnd], .. Enumerable.Repeat(record, count).SelectMany(bytes => bytes)];
    }

    public void Dispose()
    {
        stop.Cancel();
        sockets.Dispose();
    }
}
