using KubeApi.Objects;
using Linux;

namespace NodeAgent.Probes;

/// <summary>A container in which the command ends with 0 passes.</summary>
internal sealed class ExecProbe(OciRuntime runtime)
{
    private const int OutputLimit = 10 * 1024;

    /// <summary>A command that runs longer does not keep the others waiting: starting it, which is what takes the processor, is done by then.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(250);

    /// <summary>Many at once on few processors would only make each of them time out.</summary>
    private readonly SemaphoreSlim turns = new(Math.Max(2, Environment.ProcessorCount * 2));

    /// <param name="timeout">Counts from when it is its turn.</param>
    public async Task<ProbeOutcome> Check(ExecAction action, string containerId, TimeSpan timeout, CancellationToken cancel)
    {
        IReadOnlyList<string> command = action.Command ?? [];
        await turns.WaitAsync(cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        var running = runtime.Exec(containerId, command, OutputLimit, limit.Token);
        _ = EndTurn(running);
        try
        {
            var result = await running;
            return result.ExitCode == 0 ? ProbeOutcome.Success(result.Output) : ProbeOutcome.Failure(result.Output);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ProbeOutcome.Failure($"command {Quote(string.Join(' ', command))} timed out");
        }
        catch (OciRuntimeException e) { return ProbeOutcome.Unknown($"failed to exec in container: {e.Message}"); }
    }

    private async Task EndTurn(Task running)
    {
        await Task.WhenAny(running, Task.Delay(LongestTurn, CancellationToken.None));
        turns.Release();
    }

    /// <summary>As Go's %q.</summary>
    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t").Replace("\r", "\\r")}\"";
}
