using System.Net;
using System.Net.Sockets;
using Linux;

namespace NodeAgent.Dns;

/// <summary>
/// Answers by UDP: one thread that waits in the kernel, takes many queries at once and answers from memory. Queries for which others must be
/// asked go on aside, so many at a time at most.
/// </summary>
internal sealed class UdpServer : IDisposable
{
    private const int Batch = 32, LongestQuery = 4096, MostAside = 1024, StackSize = 256 * 1024;

    private readonly Socket socket;
    private readonly Responder responder;
    private readonly SlowResponder slow;
    private readonly Func<IPAddress, bool>? isClient;
    private readonly Thread thread;
    private volatile bool stopping;
    private int aside;

    /// <param name="socket">Bound; this owns it.</param>
    /// <param name="isClient">Who is answered; null = everybody who gets here.</param>
    public UdpServer(Socket socket, Responder responder, SlowResponder slow, Func<IPAddress, bool>? isClient = null)
    {
        (this.socket, this.responder, this.slow, this.isClient) = (socket, responder, slow, isClient);
        thread = new Thread(Run, StackSize) { IsBackground = true, Name = "dns" };
        thread.Start();
    }

    private void Run()
    {
        using var batch = new DatagramBatch(Batch, LongestQuery, DnsResponse.UdpSize);
        while (!stopping)
        {
            var count = batch.Receive(socket.SafeHandle);
            for (var i = 0; i < count; i++)
            {
                if (batch.IsCut(i) || isClient?.Invoke(batch.Sender(i).Address) == false) continue;
                var length = responder.Respond(batch.Received(i), batch.Room(i));
                if (length > 0) batch.Reply(i, length);
                else if (length == Responder.Ask) Aside(batch, i);
            }
            batch.Send(socket.SafeHandle);
        }
    }

    private void Aside(DatagramBatch batch, int i)
    {
        var (query, client) = (batch.Received(i).ToArray(), batch.Sender(i));
        if (Interlocked.Increment(ref aside) <= MostAside) _ = Task.Run(() => Answer(query, client));
        else
        {
            Interlocked.Decrement(ref aside);
            Send(SlowResponder.Failure(query), client);
        }
    }

    private async Task Answer(byte[] query, IPEndPoint client)
    {
        try { Send(await slow.Respond(query, limit: null), client); }
        finally { Interlocked.Decrement(ref aside); }
    }

    private void Send(byte[] answer, IPEndPoint client)
    {
        try { socket.SendTo(answer, client); }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { } // a client that is gone, or a server that ends
    }

    public void Dispose()
    {
        stopping = true;
        try { socket.Shutdown(SocketShutdown.Both); } // wakes the thread
        catch (SocketException) { }                   // which is all that it was for: the socket is not connected
        thread.Join();
        socket.Dispose();
    }
}
