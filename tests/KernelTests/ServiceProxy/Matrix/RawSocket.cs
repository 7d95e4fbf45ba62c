using System.Net;
using System.Net.Sockets;
using Linux;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>IPv4 packets of one protocol that reach a namespace, as they come, and a way to send some.</summary>
internal sealed class RawSocket : IAsyncDisposable
{
    public const int Icmp = 1, Sctp = 132;

    private readonly Socket socket;
    private readonly Task running;

    /// <param name="source">The address it has; null = whichever the route prescribes, and it gets what comes to any.</param>
    /// <param name="received">Called with the sender and what is behind the IP header.</param>
    public RawSocket(TestSpace space, int protocol, IPAddress? source, Action<RawSocket, IPAddress, byte[]> received)
    {
        var descriptor = space.Namespace.Run(() => LibC.Check(LibC.socket(LibC.AF_INET, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, protocol), "open a raw socket"));
        socket = new(new SafeSocketHandle(descriptor, ownsHandle: true)) { ReceiveBufferSize = 4 << 20 };
        if (source is not null) socket.Bind(new IPEndPoint(source, 0));
        running = Task.Run(() => Receive(received));
    }

    /// <summary>A refusal by this node's own rules shows in an error of the call already: it tells no more than silence.</summary>
    public void Send(IPAddress destination, byte[] packet)
    {
        try { socket.SendTo(packet, new IPEndPoint(destination, 0)); }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.AccessDenied) { }
    }

    private async Task Receive(Action<RawSocket, IPAddress, byte[]> received)
    {
        var buffer = new byte[2048];
        while (true)
        {
            try
            {
                var got = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                received(this, ((IPEndPoint)got.RemoteEndPoint).Address, buffer[((buffer[0] & 15) * 4)..got.ReceivedBytes]);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted }) { return; }
        }
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        await running;
    }
}
