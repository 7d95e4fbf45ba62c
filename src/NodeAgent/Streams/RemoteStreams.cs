using System.IO.Pipelines;
using KubeApi.Objects;

namespace NodeAgent.Streams;

/// <summary>What flows from a container to its client, by the numbers of the channel.k8s.io protocols.</summary>
internal enum OutputChannel : byte { Stdout = 1, Stderr = 2, Status = 3 }

/// <summary>
/// The streams of exec and attach between the client and the container, whichever protocol carries them: SPDY/3.1 or
/// WebSocket.
/// </summary>
internal abstract class RemoteStreams : IAsyncDisposable
{
    /// <summary>Empty where no stdin was asked for. Completing it drops what else comes.</summary>
    public abstract PipeReader Stdin { get; }

    /// <summary>Sizes of the client's terminal; empty without one. See <see cref="TerminalSizes"/>.</summary>
    public abstract PipeReader Resize { get; }

    /// <summary>Completed when the client is gone.</summary>
    public abstract Task Gone { get; }

    /// <summary>Waits until the client has taken what came before, within what the connection holds.</summary>
    /// <exception cref="IOException">The client is gone.</exception>
    public abstract ValueTask Write(OutputChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancel);

    /// <summary>Tells how it ended and closes all streams; returns when the client has closed its side too, or after a while.</summary>
    /// <exception cref="IOException">The client is gone.</exception>
    public abstract Task Finish(Status status, CancellationToken cancel);

    public abstract ValueTask DisposeAsync();

    /// <summary>How long a client has to close its side once everything was said.</summary>
    protected static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(5);

    /// <summary>A stream on which nothing comes.</summary>
    protected static PipeReader Nothing()
    {
        var pipe = new Pipe();
        pipe.Writer.Complete();
        return pipe.Reader;
    }
}
