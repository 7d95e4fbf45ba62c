using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace UnitTests.Probes;

/// <summary>A server on 127.0.0.1 that answers each connection's request with given bytes; null: it keeps silent, empty: it closes.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;

    /// <param name="wholeRequest">Read as far as the blank line first; false: answer to the first bytes.</param>
    public RawServer(Func<string, string?> answer, bool wholeRequest = true)
    {
        listener.Start();
        accepting = Accept(answer, wholeRequest);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;
    public ConcurrentQueue<string> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
    }

    private async Task Accept(Func<string, string?> answer, bool wholeRequest)
    {
        try
        {
            while (true) _ = Serve(await listener.AcceptSocketAsync(stop.Token), answer, wholeRequest);
        }
        catch (OperationCanceledException) { }
    }

    private async Task Serve(Socket socket, Func<string, string?> answer, bool wholeRequest)
    {
        using (socket)
        {
            try
            {
                var buffer = new byte[16 * 1024];
                var count = 0;
                do
                {
                    var got = await socket.ReceiveAsync(buffer.AsMemory(count), stop.Token);
                    if (got == 0) return;
                    count += got;
                }
                while (wholeRequest && buffer[0] == 'G' && !buffer.AsSpan(0, count).EndsWith("\r\n\r\n"u8));
                var request = Encoding.UTF8.GetString(buffer, 0, count);
                Requests.Enqueue(request);
                if (answer(request) is not { } text) await Task.Delay(Timeout.Infinite, stop.Token);
                else if (text.Length > 0) await socket.SendAsync(Encoding.UTF8.GetBytes(text), stop.Token);
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException) { }
        }
    }
}
