using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeApi;

namespace Benchmarks.Api;

/// <summary>How one exchange went; times in milliseconds from sending.</summary>
internal readonly record struct Exchange(int Status, long Bytes, double FirstByte, double Last);

/// <summary>
/// One HTTP/1.1 connection with TLS that does as little as possible, because it runs on the same cores as the server
/// that is measured: requests are bytes made beforehand, answers are counted and not understood.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket socket;
    private readonly SslStream stream;
    private readonly byte[] buffer = new byte[64 * 1024];

    private HttpConnection(Socket socket, SslStream stream) => (this.socket, this.stream) = (socket, stream);

    /// <param name="client">Null where the server asks for none.</param>
    public static async Task<HttpConnection> Open(int port, Kubeconfig? client, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true, // who it is does not matter here
            ClientCertificates = client is null ? null : [X509Certificate2.CreateFromPem(client.ClientCertificate, client.ClientKey)],
        }, cancel);
        return new HttpConnection(socket, stream);
    }

    public static byte[] Request(string method, string path, byte[]? body = null, string type = "application/json") =>
    [
        .. Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: application/json\r\n"
            + (body is null ? "" : $"Content-Type: {type}\r\nContent-Length: {body.Length}\r\n") + "\r\n"),
        .. body ?? [],
    ];

    /// <summary>Sends and reads the whole answer.</summary>
    public async Task<Exchange> Send(ReadOnlyMemory<byte> request, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        await stream.WriteAsync(request, cancel);
        var count = await stream.ReadAsync(buffer, cancel);
        var first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        int end;
        while ((end = buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8)) < 0) count += await Read(buffer.AsMemory(count), cancel);
        var head = buffer.AsSpan(0, end);
        Utf8Parser.TryParse(head[9..], out int status, out _);
        var length = Length(head);
        var bytes = (long)count - end - 4;
        while (bytes < length) bytes += await Read(buffer, cancel);
        return new Exchange(status, bytes, first, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Sends and passes on what comes, for as long as it comes.</summary>
    public async Task Stream(ReadOnlyMemory<byte> request, Action<ReadOnlyMemory<byte>> received, CancellationToken cancel)
    {
        await stream.WriteAsync(request, cancel);
        while (true) received(buffer.AsMemory(0, await Read(buffer, cancel)));
    }

    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }

    private async Task<int> Read(Memory<byte> target, CancellationToken cancel) =>
        await stream.ReadAsync(target, cancel) is > 0 and var count ? count : throw new IOException("the server closed the connection");

    private static long Length(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0) throw new InvalidDataException($"an answer without a length: {Encoding.ASCII.GetString(head)}");
        Utf8Parser.TryParse(head[(at + 16)..], out long length, out _);
        return length;
    }
}
