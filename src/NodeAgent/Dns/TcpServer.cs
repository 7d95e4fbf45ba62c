using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace NodeAgent.Dns;

/// <summary>
/// Answers by TCP (RFC 7766): each message after its length. A client may send many queries without waiting; they are answered in their order.
/// Connections and their silence are bounded.
/// </summary>
internal sealed class TcpServer : IDisposable
{
    private const int MostConnections = 128, LongestMessage = 65535;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly Socket listener;
    private readonly Responder responder;
    private readonly SlowResponder slow;
    private readonly Func<IPAddress, bool>? isClient;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task accepting;
    private int connections;

    /// <param name="listener">Bound and listening; this owns it.</param>
    /// <param name="isClient">Who is answered; null = everybody who gets here.</param>
    public TcpServer(Socket listener, Responder responder, SlowResponder slow, Func<IPAddress, bool>? isClient = null)
    {
        (this.listener, this.responder, this.slow, this.isClient) = (listener, responder, slow, isClient);
        accepting = Task.Run(Accept);
    }

    private async Task Accept()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(stopping.Token);
                if (IsWelcome(client)) _ = Serve(client);
                else client.Dispose();
            }
            catch (SocketException) when (!stopping.IsCancellationRequested) { await Task.Delay(10); } // out of descriptors, or the client gave up
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { return; }
        }
    }

    private bool IsWelcome(Socket client)
    {
        if (isClient is not null && (client.RemoteEndPoint is not IPEndPoint from || !isClient(from.Address))) return false;
        if (Interlocked.Increment(ref connections) <= MostConnections) return true;
        Interlocked.Decrement(ref connections);
        return false;
    }

    private async Task Serve(Socket client)
    {
        try
        {
            client.NoDelay = true;
            await using var stream = new NetworkStream(client, ownsSocket: true);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            var head = new byte[2];
            while (true)
            {
                patience.CancelAfter(Idle);
                await stream.ReadExactlyAsync(head, patience.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
                await stream.ReadExactlyAsync(query, patience.Token);
                if (await Answer(query) is not { } answer) return; // what is no query ends the connection
                byte[] framed = [(byte)(answer.Length >> 8), (byte)answer.Length, .. answer];
                await stream.WriteAsync(framed, patience.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException) { }
        finally { Interlocked.Decrement(ref connections); }
    }

    private async Task<byte[]?> Answer(byte[] query)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(LongestMessage);
        try
        {
            var length = responder.Respond(query, buffer, LongestMessage);
            return length == Responder.Ask ? await slow.Respond(query, LongestMessage) : length == Responder.Drop ? null : buffer[..length];
        }
        finally { System.Buffers.ArrayPool<byte>.Shared.Return(buffer); }
    }

    public void Dispose()
    {
        stopping.Cancel();
        listener.Dispose();
        accepting.Wait();
    }
}
