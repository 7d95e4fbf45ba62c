using System.Buffers;
using Linux;

namespace NodeAgent.Streams;

/// <summary>A client at a container's own streams. When it leaves, the container goes on; when the container ends, so does this.</summary>
internal sealed class AttachSession(ConmonAttachment container, RemoteStreams client, StreamOptions options)
{
    public async Task Run(CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _ = client.Gone.ContinueWith(_ => ending.Cancel(), ending.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var inputs = Task.WhenAll(Quiet(Input(ending.Token)), Quiet(TerminalSizes.Read(client.Resize, container.Resize, ending.Token)));
        try
        {
            await Output(ending.Token);
            await client.Finish(RemoteStatus.Success, ending.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException) { } // the client is gone; or the agent ends
        finally
        {
            await ending.CancelAsync();
            await inputs;
        }
    }

    private async Task Input(CancellationToken cancel)
    {
        if (!options.Stdin) return;
        try
        {
            while (true)
            {
                var read = await client.Stdin.ReadAsync(cancel);
                foreach (var piece in read.Buffer) await container.Send(piece, cancel);
                client.Stdin.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }
            container.CloseInput();
        }
        finally { await client.Stdin.CompleteAsync(); }
    }

    private async Task Output(CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ConmonAttachment.MessageSize);
        try
        {
            int count;
            while ((count = await container.Receive(buffer, cancel)) > 0)
            {
                var channel = (ContainerOutput)buffer[0] == ContainerOutput.Stderr ? OutputChannel.Stderr : OutputChannel.Stdout;
                if (channel == OutputChannel.Stderr ? options.Stderr : options.Stdout) await client.Write(channel, buffer.AsMemory(1, count - 1), cancel);
            }
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    private static async Task Quiet(Task work)
    {
        try { await work; }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException) { }
    }
}
