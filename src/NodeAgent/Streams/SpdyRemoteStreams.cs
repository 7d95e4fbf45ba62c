using System.IO.Pipelines;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Streams.Spdy;

namespace NodeAgent.Streams;

/// <summary>exec and attach over SPDY/3.1, v4.channel.k8s.io: a SPDY stream for each, known by its header <c>streamtype</c>.</summary>
internal sealed class SpdyRemoteStreams : RemoteStreams
{
    /// <summary>How long a client has to open its streams (the kubelet's stream creation timeout).</summary>
    private static readonly TimeSpan OpenWait = TimeSpan.FromSeconds(30);

    private readonly SpdyConnection connection;
    private readonly IReadOnlyDictionary<string, SpdyStream> streams;
    private readonly CancellationTokenSource ending;

    private SpdyRemoteStreams(SpdyConnection connection, Task running, CancellationTokenSource ending, IReadOnlyDictionary<string, SpdyStream> streams)
    {
        (this.connection, this.streams, this.ending, Gone) = (connection, streams, ending, running);
        (Stdin, Resize) = (Input("stdin"), Input("resize"));
    }

    public override PipeReader Stdin { get; }

    public override PipeReader Resize { get; }

    public override Task Gone { get; }

    /// <summary>Returns when the client has opened every stream that it asked for.</summary>
    /// <exception cref="IOException">It did not.</exception>
    public static async Task<SpdyRemoteStreams> Open(Stream transport, StreamOptions options, CancellationToken cancel)
    {
        var connection = new SpdyConnection(transport);
        var ending = new CancellationTokenSource();
        var running = connection.Run(ending.Token);
        var streams = new Dictionary<string, SpdyStream>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(OpenWait);
        try
        {
            while (streams.Count < options.Count)
            {
                var stream = await connection.Opened.ReadAsync(limit.Token);
                streams[stream.Header("streamtype")] = stream;
            }
            return new SpdyRemoteStreams(connection, running, ending, streams);
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            await ending.CancelAsync();
            await connection.DisposeAsync();
            cancel.ThrowIfCancellationRequested();
            throw new IOException("the client did not open its streams");
        }
    }

    public override ValueTask Write(OutputChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancel) =>
        Find(channel) is { } stream ? stream.Write(data, cancel) : ValueTask.CompletedTask;

    public override async Task Finish(Status status, CancellationToken cancel)
    {
        await Write(OutputChannel.Status, KubeJson.Serialize(status), cancel);
        foreach (var stream in streams.Values) await stream.CloseWrite(cancel);
        await Task.WhenAny(Gone, Task.Delay(CloseWait, cancel));
    }

    public override async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await connection.DisposeAsync();
        await Gone;
        ending.Dispose();
    }

    private PipeReader Input(string name) => streams.TryGetValue(name, out var stream) ? stream.Input : Nothing();

    private SpdyStream? Find(OutputChannel channel) =>
        streams.GetValueOrDefault(channel switch { OutputChannel.Stdout => "stdout", OutputChannel.Stderr => "stderr", _ => "error" });
}
