using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;

namespace NodeAgent.Streams.Spdy;

/// <summary>
/// The server's side of SPDY/3.1 as kubectl speaks it: the client opens streams, each is answered, bytes flow both ways.
/// There is no flow control (kubectl knows none): a stream whose reader is slow stops the connection's reading, and so TCP,
/// but never by more than its buffer holds nor longer than the given limit if others share the connection.
/// </summary>
internal sealed class SpdyConnection : IAsyncDisposable
{
    private const int LargestControl = 64 * 1024, PieceSize = 32 * 1024;

    /// <summary>Open at a time, and opened but not yet looked at.</summary>
    public const int MostStreams = 1024;

    private const uint RefusedStream = 3, InternalError = 6;

    private readonly Stream transport;
    private readonly TimeSpan? stallLimit;
    private readonly SpdyHeaderReader headers = new();
    private readonly SpdyHeaderWriter replies = new();
    private readonly SemaphoreSlim writing = new(1);
    private readonly ConcurrentDictionary<int, SpdyStream> streams = new();
    private readonly Channel<SpdyStream> opened = Channel.CreateBounded<SpdyStream>(new BoundedChannelOptions(MostStreams) { SingleReader = true, SingleWriter = true });
    private readonly byte[] head = new byte[SpdyFrame.Size];
    private readonly byte[] outHead = new byte[SpdyFrame.Size];
    private int lastId;

    /// <param name="stallLimit">How long one stream may hold up the others before it is reset; null: for ever, where they all serve one purpose.</param>
    public SpdyConnection(Stream transport, TimeSpan? stallLimit = null) => (this.transport, this.stallLimit) = (transport, stallLimit);

    /// <summary>Streams as the client opens them, already answered.</summary>
    public ChannelReader<SpdyStream> Opened => opened.Reader;

    /// <summary>Reads until the client leaves: closes, says GOAWAY, or breaks the protocol.</summary>
    public async Task Run(CancellationToken cancel)
    {
        Exception? error = null;
        try
        {
            while (await ReadFrame(cancel)) { }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException) { error = e; }
        finally
        {
            opened.Writer.TryComplete();
            foreach (var stream in streams.Values) stream.EndInput(new IOException($"the client is gone{(error is SpdyException ? $": {error.Message}" : "")}"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync();
        headers.Dispose();
    }

    internal async ValueTask WriteData(int id, ReadOnlyMemory<byte> data, bool last, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            do
            {
                var piece = data[..Math.Min(data.Length, PieceSize)];
                data = data[piece.Length..];
                new SpdyFrame(false, default, id, last && data.Length == 0 ? SpdyFrame.Fin : (byte)0, piece.Length).Write(outHead);
                await transport.WriteAsync(outHead, cancel);
                if (piece.Length > 0) await transport.WriteAsync(piece, cancel);
            }
            while (data.Length > 0);
            await transport.FlushAsync(cancel);
        }
        finally { writing.Release(); }
    }

    private async Task<bool> ReadFrame(CancellationToken cancel)
    {
        if (await transport.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancel) < head.Length) return false;
        var frame = SpdyFrame.Read(head);
        if (!frame.IsControl) await ReadData(frame, cancel);
        else
        {
            if (frame.Length > LargestControl) throw new SpdyException($"a control frame of {frame.Length} bytes");
            var body = ArrayPool<byte>.Shared.Rent(frame.Length);
            try
            {
                await transport.ReadExactlyAsync(body.AsMemory(0, frame.Length), cancel);
                return await Obey(frame, body.AsMemory(0, frame.Length), cancel);
            }
            finally { ArrayPool<byte>.Shared.Return(body); }
        }
        return true;
    }

    /// <returns>False if that was the last frame.</returns>
    private async Task<bool> Obey(SpdyFrame frame, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        switch (frame.Type)
        {
            case SpdyControl.SynStream:
                await Open(frame, body, cancel);
                return true;
            case SpdyControl.RstStream when body.Length >= 8:
                if (streams.TryRemove(Number(body), out var reset)) reset.EndInput(new IOException("the client has cancelled the stream"));
                return true;
            case SpdyControl.Ping when body.Length >= 4:
                // Odd numbers are the client's own; others would be answers to ours, which we do not send.
                if ((Number(body) & 1) == 1) await WriteControl(SpdyControl.Ping, body[..4], cancel);
                return true;
            case SpdyControl.GoAway:
                return false;
            default:
                return true; // SETTINGS, HEADERS, WINDOW_UPDATE and what nobody knows: of no use here
        }
    }

    private async Task Open(SpdyFrame frame, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        if (body.Length < 10) throw new SpdyException("a SYN_STREAM that ends early");
        var id = Number(body);
        if ((id & 1) == 0 || id <= lastId) throw new SpdyException($"a new stream {id} after {lastId}");
        lastId = id;
        var stream = new SpdyStream(this, id, headers.Read(body[10..])); // read in any case: the next block refers to it
        // Those that the client has cancelled at once count as long as nobody has looked at them: each holds its headers.
        if (streams.Count >= MostStreams || opened.Reader.Count >= MostStreams)
        {
            await Reset(id, RefusedStream, cancel);
            return;
        }
        streams[id] = stream;
        if (frame.IsLast) stream.EndInput();
        var reply = new byte[4 + SpdyHeaderWriter.EmptyBlockSize];
        BinaryPrimitives.WriteInt32BigEndian(reply, id);
        await WriteControl(SpdyControl.SynReply, reply.AsMemory(0, 4 + replies.WriteEmptyBlock(reply.AsSpan(4))), cancel);
        opened.Writer.TryWrite(stream);
    }

    /// <summary>Data for a stream that is gone is read and dropped.</summary>
    private async Task ReadData(SpdyFrame frame, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            streams.TryGetValue(frame.Stream, out var stream);
            for (var left = frame.Length; left > 0;)
            {
                var piece = buffer.AsMemory(0, Math.Min(left, PieceSize));
                await transport.ReadExactlyAsync(piece, cancel);
                left -= piece.Length;
                if (stream is not null && !await Deliver(stream, piece, cancel)) stream = null;
            }
            if (frame.IsLast) stream?.EndInput();
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    /// <returns>False if the stream was reset, since its reader took nothing for too long.</returns>
    private async Task<bool> Deliver(SpdyStream stream, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        var received = stream.Receive(data, cancel);
        if (received.IsCompletedSuccessfully) return true;
        if (stallLimit is not { } longest)
        {
            await received;
            return true;
        }
        try
        {
            await received.AsTask().WaitAsync(longest, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            Forget(stream);
            stream.EndInput(new IOException("nobody took the stream's bytes"));
            await Reset(stream.Id, InternalError, cancel);
            return false;
        }
    }

    /// <summary>Takes a stream that both sides have ended off the list.</summary>
    public void Forget(SpdyStream stream) => streams.TryRemove(stream.Id, out _);

    private Task Reset(int id, uint status, CancellationToken cancel)
    {
        var body = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(body, id);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(4), status);
        return WriteControl(SpdyControl.RstStream, body, cancel);
    }

    private async Task WriteControl(SpdyControl type, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            new SpdyFrame(true, type, 0, 0, body.Length).Write(outHead);
            await transport.WriteAsync(outHead, cancel);
            await transport.WriteAsync(body, cancel);
            await transport.FlushAsync(cancel);
        }
        finally { writing.Release(); }
    }

    private static int Number(ReadOnlyMemory<byte> body) => (int)(BinaryPrimitives.ReadUInt32BigEndian(body.Span) & 0x7fff_ffff);
}
