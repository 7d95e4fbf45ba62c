using System.Net.Security;
using KubeApi.Objects;
using Linux;

namespace NodeAgent.Kubelet;

/// <summary>A hook failed; the message may hold what the container wrote, and is for the node's log only.</summary>
internal sealed class HookException(string message) : Exception(message);

/// <summary>Runs postStart and preStop of containers: a command in it, a GET request, or a sleep (kubelet, pkg/kubelet/lifecycle/handlers.go; KEP-3960).</summary>
internal sealed class LifecycleHooks(OciRuntime runtime)
{
    private const int OutputLimit = 1024;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Certificates are not checked: the container is asked at its own address.</summary>
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero, ConnectTimeout = TimeSpan.FromSeconds(30),
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    { Timeout = Timeout.InfiniteTimeSpan };

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
        var uri = Uri(get, container, address);
        try { await Send(get, uri, cancel); }
        catch (HttpRequestException e) when (uri.Scheme == "https" && e.InnerException is System.Security.Authentication.AuthenticationException or IOException)
        {
            // As the kubelet does for hooks that were written when https was sent as http.
            try { await Send(get, new UriBuilder(uri) { Scheme = "http" }.Uri, cancel); }
            catch (HttpRequestException again) { throw new HookException(again.Message); }
        }
        catch (HttpRequestException e) { throw new HookException(e.Message); }
    }

    private static async Task Send(HTTPGetAction get, Uri uri, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-lifecycle/1.36");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        foreach (var header in get.HttpHeaders ?? [])
            if (header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = header.Value;
            else request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    /// <exception cref="HookException">The container has no port of that name.</exception>
    internal static Uri Uri(HTTPGetAction get, Container container, string address)
    {
        var port = get.Port.IsNumber ? get.Port.Number : (container.Ports ?? []).FirstOrDefault(port => port.Name == get.Port.Text)?.Port
            ?? throw new HookException($"couldn't find port: {get.Port} in container {container.Name}");
        var path = get.Path is { Length: > 0 } given ? given.TrimStart('/') : "";
        return new Uri($"{(get.Scheme ?? "HTTP").ToLowerInvariant()}://{(get.Host is { Length: > 0 } host ? host : address)}:{port}/{path}");
    }
}
