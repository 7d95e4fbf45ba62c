using System.Net;
using System.Net.Sockets;
using KubeApi;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.HealthChecks;

namespace NodeAgent;

/// <summary>What the service proxy tells the outside of itself and of this node's endpoints. To be made before the informers run.</summary>
internal sealed class ServiceHealthPart
{
    private const string Component = "kube-proxy";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly IPEndPoint? healthz;
    private readonly ILogger log;
    private readonly HealthCheckNodePorts ports;
    private readonly ProxyHealth health;
    private readonly ConntrackWatch conntrack;
    private readonly Action<string, string> warnNode;

    public ServiceHealthPart(AgentOptions options, Proxier proxier, Informer<Node> nodes, Informer<Service> services, EventRecorder events, ILogger log)
    {
        (healthz, this.log) = (options.HealthzBindAddress, log);
        health = new(() => proxier.Healthy, () => nodes.Get(options.NodeName));
        ports = new(options.NodeName, () => proxier.Healthy, (service, message) =>
        {
            if (services.Get(service) is { } about) events.Warning(Component, about, "FailedToStartServiceHealthcheck", message);
        }, log);
        warnNode = (reason, message) => events.Record(Component, new() { Kind = "Node", ApiVersion = "v1", Name = options.NodeName, Uid = options.NodeName }, "Warning", reason, message);
        conntrack = new(log, warnNode);
        proxier.Synced += (changes, facts) =>
        {
            health.Updated();
            ports.Follow(changes, facts);
        };
    }

    /// <summary>Until cancelled; then nobody answers any more, and load balancers look elsewhere.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using (ports) await Task.WhenAll(Healthz(cancel), Retries(cancel), conntrack.Run(cancel));
    }

    private async Task Healthz(CancellationToken cancel)
    {
        if (healthz is null) return;
        using var listener = await Listen(healthz, cancel);
        await Task.Delay(Timeout.Infinite, cancel);
    }

    private async Task<HealthPort> Listen(IPEndPoint at, CancellationToken cancel)
    {
        for (var told = false; ; told = true)
        {
            try { return HealthPort.Listen(at, health.Answer, NetworkNamespace.Current); }
            catch (SocketException error)
            {
                if (!told) warnNode("FailedToStartProxierHealthcheck", $"failed to start proxy healthz on {at}: {error.Message}");
                if (!told) log.HealthCheckFailed($"failed to start proxy healthz on {at}: {error.Message}");
            }
            await Task.Delay(RetryAfter, cancel);
        }
    }

    private async Task Retries(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(RetryAfter, cancel);
            if (ports.HasFailures) ports.Retry();
        }
    }
}
