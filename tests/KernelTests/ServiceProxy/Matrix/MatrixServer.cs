using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>Answers at many ports with its name, the port and the client that it sees: "pod1a:9001 10.244.1.3".</summary>
internal sealed class MatrixServer : IAsyncDisposable
{
    private readonly string name;
    private readonly List<Socket> sockets;
    private readonly RawSocket sctp;
    private readonly List<Task> running = [];

    public MatrixServer(TestSpace space, string name, IReadOnlyCollection<int> ports)
    {
        this.name = name;
        sockets = space.Namespace.Run(() => ports.SelectMany(port => (Socket[])[Listen(SocketType.Stream, ProtocolType.Tcp, port), Listen(SocketType.Dgram, ProtocolType.Udp, port)]).ToList());
        running.AddRange(sockets.Select(socket => Task.Run(() => socket.SocketType == SocketType.Stream ? Accept(socket) : Answer(socket))));
        sctp = new(space, RawSocket.Sctp, null, (socket, client, bytes) =>
        {
            if (SctpPacket.Parse(bytes) is { IsAnswer: false } init)
                socket.Send(client, new SctpPacket(init.Destination, init.Source, init.Tag, true, 1, Text(init.Destination, client)).ToBytes());
        });
    }

    private string Text(int port, IPAddress client) => $"{name}:{port} {client}";

    private static Socket Listen(SocketType type, ProtocolType protocol, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        if (type == SocketType.Stream) socket.Listen(512);
        return socket;
    }

    private async Task Accept(Socket listener)
    {
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        while (true)
        {
            try
            {
                using var client = await listener.AcceptAsync();
                client.Send(Encoding.ASCII.GetBytes(Text(port, ((IPEndPoint)client.RemoteEndPoint!).Address)));
                client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted }) { return; }
            catch (SocketException) { } // the client went away
        }
    }

    private async Task Answer(Socket socket)
    {
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        var buffer = new byte[64];
        while (true)
        {
            try
            {
                var got = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                socket.SendTo(Encoding.ASCII.GetBytes(Text(port, ((IPEndPoint)got.RemoteEndPoint).Address)), got.RemoteEndPoint);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted }) { return; }
            catch (SocketException) { } // an answer that nobody wanted came back
        }
    }

    public async ValueTask DisposeAsync()
    {
        sockets.ForEach(socket => socket.Dispose());
        await Task.WhenAll(running);
        await sctp.DisposeAsync();
    }
}
