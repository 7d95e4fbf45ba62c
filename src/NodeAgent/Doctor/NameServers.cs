using System.Net;
using System.Net.Sockets;
using NodeAgent.Dns;

namespace NodeAgent.Doctor;

/// <summary>Asks each name server of the machine for the root's name servers (RFC 1035, one question, recursion desired).</summary>
internal static class NameServers
{
    private static readonly byte[] Question = [0x73, 0x10, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1];

    public static async Task<IEnumerable<Finding>> Examine(CancellationToken cancel)
    {
        var servers = new NodeResolvConf().Read().Servers;
        var answers = await Task.WhenAll(servers.Select(server => Answers(server, cancel)));
        return MachineCheck.Names(servers, [.. servers.Where((_, number) => answers[number])]);
    }

    private static async Task<bool> Answers(string server, CancellationToken cancel)
    {
        if (!IPAddress.TryParse(server, out var address)) return false;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, 53), limit.Token);
            await socket.SendAsync(Question, limit.Token);
            var answer = new byte[512];
            return await socket.ReceiveAsync(answer, limit.Token) >= 12 && answer[0] == Question[0] && answer[1] == Question[1];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancel.IsCancellationRequested) { return false; }
    }
}
