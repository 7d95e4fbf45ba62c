using KubeApi.Objects;
using Linux;
using NodeAgent.Probes;

namespace NodeAgent.Kubelet;

/// <summary>A hook failed; the message may hold what the container wrote, and is for the node's log only.</summary>
internal sealed class HookException(string message) : Exception(message);

/// <summary>Runs postStart and preStop of containers: a command in it, a GET request, or a sleep (kubelet, pkg/kubelet/lifecycle/handlers.go; KEP-3960).</summary>
internal sealed class LifecycleHooks(OciRuntime runtime)
{
    private const int OutputLimit = 1024;
    private const string UserAgent = "kube-lifecycle/1.36";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Ends when the hook is done.</summary>
    /// <exception cref="HookException">It failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a command and what it started are killed.</exception>
    public Task Run(LifecycleHandler hook, Container container, string id, string address, CancellationToken cancel) => hook switch
    {
        { Exec: { } exec } => Execute(exec, id, cancel),
        { HttpGet: { } get } => Get(get, container, address, cancel),
        { Sleep: { } sleep } => Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), cancel),
        _ => throw new HookException("invalid handler: neither exec nor httpGet nor sleep"),
    };

    /// <summary>
    /// Goes on with a hook that an earlier agent began at <paramref name="since"/>: what is left of a sleep, a command
    /// that is still at work. A request is sent again, since nobody knows whether it arrived.
    /// </summary>
    public async Task Resume(LifecycleHandler hook, Container container, string id, string address, DateTime since, CancellationToken cancel)
    {
        if (hook.HttpGet is not null) await Run(hook, container, id, address, cancel);
        else if (hook.Sleep is { } sleep && since + TimeSpan.FromSeconds(sleep.Seconds) - DateTime.UtcNow is var left && left > TimeSpan.Zero) await Task.Delay(left, cancel);
        else if (hook.Exec is not null)
            while (runtime.HasAbandonedExec(id)) await Task.Delay(Look, cancel);
    }

    private async Task Execute(ExecAction exec, string id, CancellationToken cancel)
    {
        OciExecResult result;
        try { result = await runtime.Exec(id, exec.Command ?? [], OutputLimit, cancel); }
        catch (OciRuntimeException e) { throw new HookException(e.Message); }
        if (result.ExitCode != 0) throw new HookException($"command '{string.Join(' ', exec.Command ?? [])}' exited with {result.ExitCode}: {result.Output.Trim()}");
    }

    /// <summary>Any answer is a success: the code is not looked at.</summary>
    private static async Task Get(HTTPGetAction get, Container container, string address, CancellationToken cancel)
    {
        try
        {
            try { await HttpGet.Send(get, container, address, UserAgent, cancel); }
            // As the kubelet does for hooks that were written when https was sent as http.
            catch (HttpGetException e) when (e.ServerSpeaksHttp) { await HttpGet.Send(get with { Scheme = "HTTP" }, container, address, UserAgent, cancel); }
        }
        catch (Exception e) when (e is HttpGetException or BadProbeException)
        {
            cancel.ThrowIfCancellationRequested();
            throw new HookException(e.Message);
        }
    }
}
