using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NodeAgent.Streams.Spdy;

namespace NodeAgent.Streams;

/// <summary>
/// Connections to ports of one pod, many over one SPDY connection (portforward.k8s.io). Each has two streams with the same
/// <c>requestid</c>: data, and one on which is told why it failed.
/// </summary>
/// <param name="dial">Connects to a port of the pod.</param>
/// <param name="fault">What a client is told of a port that cannot be reached.</param>
internal sealed class PortForwardSession(SpdyConnection connection, Func<int, CancellationToken, Task<Socket>> dial, Func<int, Exception, string> fault)
{
    /// <summary>Streams whose other half has not come yet.</summary>
    private const int MostHalves = 256;

    private readonly ConcurrentDictionary<Task, byte> running = new();

    /// <summary>Returns when the client is gone; its connections are closed then.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = connection.Run(ending.Token);
        var errors = new Dictionary<string, SpdyStream>();
        try
        {
            await foreach (var stream in connection.Opened.ReadAllAsync(ending.Token))
            {
                var id = stream.Header("requestid");
                if (stream.Header("streamtype") == "error") Keep(errors, id, stream);
                else if (running.Count >= SpdyConnection.MostStreams) connection.Forget(stream); // cancelled ones that still wait for the pod
                else if (stream.Header("streamtype") == "data" && errors.Remove(id, out var error)) Start(Forward(stream, error, ending.Token));
                else connection.Forget(stream); // of no use without the other; its bytes are dropped
            }
        }
        catch (OperationCanceledException) { }
        await ending.CancelAsync();
        await reading;
        await Task.WhenAll(running.Keys);
    }

    /// <summary>A client that never sends the other halves, or cancels these, must not fill the memory with them.</summary>
    private void Keep(Dictionary<string, SpdyStream> errors, string id, SpdyStream stream)
    {
        if (errors.Count >= MostHalves)
        {
            foreach (var old in errors.Values) connection.Forget(old);
            errors.Clear();
        }
        errors[id] = stream;
    }

    private void Start(Task forwarding)
    {
        running[forwarding] = 0;
        _ = forwarding.ContinueWith(ended => running.TryRemove(ended, out _), TaskScheduler.Default);
    }

    private async Task Forward(SpdyStream data, SpdyStream error, CancellationToken cancel)
    {
        try
        {
            if (await Connect(data, error, cancel) is { } socket)
            {
                using (socket) await Exchange(data, error, socket, cancel);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException) { } // one of both sides is gone
        finally
        {
            await data.Input.CompleteAsync();
            await error.Input.CompleteAsync();
            connection.Forget(data);
            connection.Forget(error);
        }
    }

    private async Task<Socket?> Connect(SpdyStream data, SpdyStream error, CancellationToken cancel)
    {
        if (!ushort.TryParse(data.Header("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            await Refuse(data, error, $"\"{data.Header("port")}\" is no port", cancel);
            return null;
        }
        try { return await dial(port, cancel); }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            await Refuse(data, error, fault(port, e), cancel);
            return null;
        }
    }

    private static async Task Refuse(SpdyStream data, SpdyStream error, string why, CancellationToken cancel)
    {
        await error.Write(Encoding.UTF8.GetBytes(why), cancel);
        await error.CloseWrite(cancel);
        await data.CloseWrite(cancel);
    }

    /// <summary>Both ways until both have ended. A client that resets its stream ends the connection to the pod.</summary>
    private static async Task Exchange(SpdyStream data, SpdyStream error, Socket socket, CancellationToken cancel)
    {
        await using var remote = new NetworkStream(socket);
        var upwards = Upwards();
        try
        {
            await ByteFlow.FromStream(remote, piece => data.Write(piece, cancel), cancel);
        }
        finally
        {
            await data.CloseWrite(cancel);
            await error.CloseWrite(cancel);
        }
        await upwards;

        async Task Upwards()
        {
            try
            {
                await ByteFlow.FromPipe(data.Input, remote, cancel);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
            {
                socket.Dispose(); // ends the other direction too
            }
        }
    }
}
