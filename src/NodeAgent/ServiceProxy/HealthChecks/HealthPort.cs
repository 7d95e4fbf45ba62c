using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Linux;

namespace NodeAgent.ServiceProxy.HealthChecks;

/// <summary>
/// A TCP port that answers requests of HTTP/1.x with a few hundred bytes, and closes. A node may have hundreds of them: one costs a socket
/// that waits, no thread and no buffer, where a web server would cost some hundred kilobytes.
/// </summary>
internal sealed class HealthPort : IDisposable
{
    /// <summary>Of all ports together; further clients are hung up on, so that nobody can make the agent grow.</summary>
    private const int MostConnections = 256;
    private const int LongestRequest = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), AfterError = TimeSpan.FromMilliseconds(100);
    private static int connections;

    private readonly Socket listener;
    private readonly Func<string, HealthAnswer> answer;

    private HealthPort(Socket listener, Func<string, HealthAnswer> answer)
    {
        (this.listener, this.answer) = (listener, answer);
        _ = Task.Run(Accept);
    }

    /// <param name="answer">Given the path of a request; from several threads.</param>
    /// <exception cref="SocketException">The port is in use, or not for us.</exception>
    public static HealthPort Listen(IPEndPoint at, Func<string, HealthAnswer> answer, NetworkNamespace inside)
    {
        var socket = inside.Run(() => new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            socket.Bind(at);
            socket.Listen(128);
            return new HealthPort(socket, answer);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connections that are being answered end by themselves.</summary>
    public void Dispose() => listener.Dispose();

    private async Task Accept()
    {
        while (true)
        {
            try
            {
                var client = await listener.AcceptAsync();
                if (Interlocked.Increment(ref connections) <= MostConnections) _ = Serve(client);
                else Close(client);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted }) { return; }
            catch (SocketException) { await Task.Delay(AfterError); } // the client is gone already, or the process has too many files open
        }
    }

    private async Task Serve(Socket client)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            if (await Request(client, patience.Token) is not { } head) return;
            await client.SendAsync(Response(head), SocketFlags.None, patience.Token);
            client.Shutdown(SocketShutdown.Send);
            // Closed with something unread, the answer could be taken back by a reset.
            var rest = new byte[256];
            while (await client.ReceiveAsync(rest.AsMemory(), SocketFlags.None, patience.Token) > 0) { }
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException) { }
        finally { Close(client); }
    }

    private static void Close(Socket client)
    {
        client.Dispose();
        Interlocked.Decrement(ref connections);
    }

    /// <returns>The head of a request; null if the client goes away or says too much.</returns>
    private static async Task<string?> Request(Socket client, CancellationToken cancel)
    {
        var (buffer, length) = (new byte[512], 0);
        while (true)
        {
            var received = await client.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, cancel);
            if (received == 0) return null;
            length += received;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end) return Encoding.Latin1.GetString(buffer, 0, end);
            if (length == LongestRequest) return null;
            if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        }
    }

    private byte[] Response(string head)
    {
        var line = head.Split("\r\n", 2)[0].Split(' ');
        if (line is not [var method, ['/', ..] path, ['H', 'T', 'T', 'P', '/', '1', '.', ..]]) return Encoding.Latin1.GetBytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        var reply = answer(path.Split('?', 2)[0]);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {reply.Status} {Reason(reply.Status)}\r\nContent-Type: {reply.ContentType}\r\n");
        foreach (var (name, value) in reply.Headers) text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {DateTime.UtcNow:R}\r\nContent-Length: {Encoding.UTF8.GetByteCount(reply.Body)}\r\nConnection: close\r\n\r\n");
        if (method != "HEAD") text.Append(reply.Body);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Reason(int status) => status switch { 200 => "OK", 404 => "Not Found", _ => "Service Unavailable" };
}
