using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KernelTests.ServiceProxy;

/// <summary>A server in a namespace that answers with its name and the address of the client that it sees: "pod1 10.244.1.3".</summary>
internal sealed class TestServer : IDisposable
{
    private readonly Socket socket;
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    private TestServer(TestSpace space, ProtocolType protocol, int port)
    {
        socket = TestClient.Open(space, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        if (protocol == ProtocolType.Tcp) socket.Listen(512);
        // On the pool, not in xunit's context: Dispose blocks one of its few threads.
        running = Task.Run(() => protocol == ProtocolType.Tcp ? Accept(space.Name) : Answer(space.Name));
    }

    public static TestServer Tcp(TestSpace space, int port) => new(space, ProtocolType.Tcp, port);

    public static TestServer Udp(TestSpace space, int port) => new(space, ProtocolType.Udp, port);

    private async Task Accept(string name)
    {
        while (true)
        {
            Socket client;
            try { client = await socket.AcceptAsync(stop.Token); }
            catch (OperationCanceledException) { return; }
            _ = Serve(client, name);
        }
    }

    /// <summary>One line per byte received, until the client closes.</summary>
    private static async Task Serve(Socket client, string name)
    {
        using (client)
        {
            var answer = Encoding.ASCII.GetBytes($"{name} {((IPEndPoint)client.RemoteEndPoint!).Address}");
            var one = new byte[1];
            try { while (await client.ReceiveAsync(one) > 0) await client.SendAsync(answer); }
            catch (SocketException) { } // the client went away
        }
    }

    private async Task Answer(string name)
    {
        var buffer = new byte[64];
        while (true)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
                await socket.SendToAsync(Encoding.ASCII.GetBytes($"{name} {((IPEndPoint)received.RemoteEndPoint).Address}"), received.RemoteEndPoint);
            }
            catch (OperationCanceledException) { return; }
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        running.Wait();
        socket.Dispose();
    }
}
