using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Streams;

/// <summary>
/// exec and attach over WebSocket: binary messages whose first byte is the channel (0 stdin, 1 stdout, 2 stderr, 3 status,
/// 4 terminal size). v5 has a message 255 that ends a channel; v4 cannot end stdin.
/// </summary>
internal sealed class WebSocketRemoteStreams : RemoteStreams
{
    public const string V5 = "v5.channel.k8s.io", V4 = "v4.channel.k8s.io";

    private const byte StdinChannel = 0, ResizeChannel = 4, CloseChannel = 255;
    private const int PieceSize = 32 * 1024, StdinBuffer = 256 * 1024, ResizeBuffer = 16 * 1024;

    private readonly WebSocket socket;
    private readonly bool canCloseChannels;
    private readonly Pipe stdin = BufferOf(StdinBuffer), resize = BufferOf(ResizeBuffer);
    private readonly SemaphoreSlim writing = new(1);
    private readonly CancellationTokenSource ending = new();

    public WebSocketRemoteStreams(WebSocket socket, string protocol, StreamOptions options)
    {
        (this.socket, canCloseChannels) = (socket, protocol == V5);
        if (!options.Stdin) stdin.Writer.Complete();
        if (!options.Terminal) resize.Writer.Complete();
        Gone = Receive(options);
    }

    public override PipeReader Stdin => stdin.Reader;

    public override PipeReader Resize => resize.Reader;

    public override Task Gone { get; }

    public override async ValueTask Write(OutputChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        var message = ArrayPool<byte>.Shared.Rent(1 + data.Length);
        await writing.WaitAsync(cancel);
        try
        {
            message[0] = (byte)channel;
            data.CopyTo(message.AsMemory(1));
            await socket.SendAsync(message.AsMemory(0, 1 + data.Length), WebSocketMessageType.Binary, endOfMessage: true, cancel);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException) { throw new IOException("the client is gone", e); }
        finally
        {
            writing.Release();
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    public override async Task Finish(Status status, CancellationToken cancel)
    {
        await Write(OutputChannel.Status, KubeJson.Serialize(status), cancel);
        try { await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancel); }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException) { throw new IOException("the client is gone", e); }
        await Task.WhenAny(Gone, Task.Delay(CloseWait, cancel));
    }

    public override async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        socket.Dispose();
        await Gone;
        ending.Dispose();
    }

    /// <summary>Ends with the client's close, or its breach of the protocol.</summary>
    private async Task Receive(StreamOptions options)
    {
        var (stdinOpen, resizeOpen) = (options.Stdin, options.Terminal);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            var channel = -1;
            var bytes = 0;
            while (await socket.ReceiveAsync(buffer.AsMemory(), ending.Token) is { MessageType: WebSocketMessageType.Binary } piece)
            {
                ReadOnlyMemory<byte> data = buffer.AsMemory(0, piece.Count);
                if (channel < 0 && data.Length > 0) (channel, data, bytes) = (data.Span[0], data[1..], 0);
                if (channel == StdinChannel && stdinOpen && data.Length > 0) await stdin.Writer.WriteAsync(data, ending.Token);
                else if (channel == ResizeChannel && resizeOpen && data.Length > 0) await resize.Writer.WriteAsync(data, ending.Token);
                else if (channel == CloseChannel && canCloseChannels && bytes == 0 && data.Length > 0 && data.Span[0] == StdinChannel && stdinOpen)
                {
                    stdinOpen = false;
                    await stdin.Writer.CompleteAsync();
                }
                bytes += data.Length;
                if (piece.EndOfMessage) channel = -1;
            }
            if (socket.State == WebSocketState.Open) await socket.CloseOutputAsync(WebSocketCloseStatus.InvalidMessageType, "binary messages only", ending.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException) { }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (stdinOpen) stdin.Writer.Complete(new IOException("the client is gone"));
            if (resizeOpen) resize.Writer.Complete();
        }
    }

    private static Pipe BufferOf(int size) => new(new PipeOptions(pauseWriterThreshold: size, resumeWriterThreshold: size / 2, useSynchronizationContext: false));
}
