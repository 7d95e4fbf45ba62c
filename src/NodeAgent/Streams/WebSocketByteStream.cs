using System.Net.WebSockets;

namespace NodeAgent.Streams;

/// <summary>Bytes in binary messages, cut anywhere: how newer kubectls carry port-forward's SPDY (KEP-4006).</summary>
internal sealed class WebSocketByteStream(WebSocket socket) : Stream
{
    public const string Protocol = "SPDY/3.1+portforward.k8s.io";

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        try
        {
            while (true)
            {
                var piece = await socket.ReceiveAsync(buffer, cancel);
                if (piece.MessageType == WebSocketMessageType.Text) throw new IOException("binary messages only");
                if (piece.MessageType == WebSocketMessageType.Close) return 0;
                if (piece.Count > 0) return piece.Count; // an empty message is not the end
            }
        }
        catch (WebSocketException e) { throw new IOException("the client is gone", e); }
    }

    /// <summary>Never called twice at a time: a SPDY connection writes one frame after the other.</summary>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancel = default)
    {
        try { await socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancel); }
        catch (WebSocketException e) { throw new IOException("the client is gone", e); }
    }

    public override async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException) { }
        socket.Dispose();
        await base.DisposeAsync();
    }

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override void Flush() { }
    public override Task FlushAsync(CancellationToken cancel) => Task.CompletedTask;
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancel) => ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask();
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancel) => WriteAsync(buffer.AsMemory(offset, count), cancel).AsTask();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
}
