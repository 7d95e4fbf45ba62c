using System.IO.Pipelines;

namespace NodeAgent.Streams.Spdy;

/// <summary>
/// One stream of a connection. What the client sends waits in a buffer of bounded size; what is written goes out at once.
/// </summary>
internal sealed class SpdyStream(SpdyConnection connection, int id, IReadOnlyDictionary<string, string> headers)
{
    /// <summary>Bytes that may wait for their reader; then nothing more is read from the connection, and TCP holds the client back.</summary>
    public const int BufferSize = 256 * 1024;

    private readonly Pipe received = new(new PipeOptions(pauseWriterThreshold: BufferSize, resumeWriterThreshold: BufferSize / 2, useSynchronizationContext: false));
    private int closed;
    private volatile bool inputEnded;

    public int Id => id;

    /// <summary>The value of a header of the SYN_STREAM; empty if it has none such.</summary>
    public string Header(string name) => headers.GetValueOrDefault(name, "");

    /// <summary>What the client sends, until its FIN. Completing it drops what else comes.</summary>
    public PipeReader Input => received.Reader;

    /// <exception cref="IOException">The connection is gone.</exception>
    public ValueTask Write(ReadOnlyMemory<byte> data, CancellationToken cancel) => connection.WriteData(id, data, last: false, cancel);

    /// <summary>Ends this side's half, once.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public ValueTask CloseWrite(CancellationToken cancel) =>
        Interlocked.Exchange(ref closed, 1) == 0 ? connection.WriteData(id, default, last: true, cancel) : ValueTask.CompletedTask;

    /// <summary>Takes bytes from the connection. Returns when there is room for more.</summary>
    internal async ValueTask Receive(ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        if (!inputEnded) await received.Writer.WriteAsync(data, cancel); // bytes behind a FIN are no one's
    }

    /// <summary>The client has ended its half, or the stream, or is gone.</summary>
    internal void EndInput(Exception? error = null)
    {
        if (inputEnded) return;
        inputEnded = true;
        received.Writer.Complete(error);
    }
}
