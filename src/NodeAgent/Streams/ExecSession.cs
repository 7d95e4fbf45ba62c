using KubeApi.Objects;
using Linux;

namespace NodeAgent.Streams;

/// <summary>One command in a container and its client, from start to end. A client that leaves takes the command along.</summary>
internal sealed class ExecSession(ContainerProcess process, RemoteStreams client, StreamOptions options)
{
    /// <summary>Returns when the command has ended and the client knows, or when the client is gone.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _ = client.Gone.ContinueWith(_ => ending.Cancel(), ending.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var inputs = Task.WhenAll(Quiet(Input(ending.Token)), Quiet(TerminalSizes.Read(client.Resize, process.Resize, ending.Token)));
        try
        {
            await Task.WhenAll(Output(process.Stdout, OutputChannel.Stdout, ending.Token), Output(process.Stderr, OutputChannel.Stderr, ending.Token), process.Ended.WaitAsync(ending.Token));
            await client.Finish(RemoteStatus.Exited(await process.Ended), ending.Token);
        }
        catch (OciRuntimeException e) { await Quiet(client.Finish(RemoteStatus.Failed($"error executing command in container: failed to exec in container: {e.Message}"), ending.Token)); }
        catch (Exception e) when (e is IOException or OperationCanceledException) { } // the client is gone; or the agent ends
        finally
        {
            await ending.CancelAsync();
            await process.Kill();
            await inputs;
        }
    }

    /// <summary>The end of input is the command's too; a terminal has none.</summary>
    private async Task Input(CancellationToken cancel)
    {
        if (process.Stdin is null) return;
        try { await ByteFlow.FromPipe(client.Stdin, process.Stdin, cancel); }
        finally
        {
            if (!options.Terminal) await process.Stdin.DisposeAsync();
        }
    }

    private async Task Output(Stream? from, OutputChannel channel, CancellationToken cancel)
    {
        if (from is null) return;
        // Until the command runs, only runc can have written, which says the same in the status.
        var mayBeRunc = channel == OutputChannel.Stderr || options.Terminal;
        await ByteFlow.FromStream(from, async data =>
        {
            if (mayBeRunc && !await process.Started()) return;
            mayBeRunc = false;
            await client.Write(channel, data, cancel);
        }, cancel);
    }

    /// <summary>How an input ends is no matter of the command's.</summary>
    private static async Task Quiet(Task work)
    {
        try { await work; }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException) { }
    }
}
