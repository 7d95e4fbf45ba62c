using KernelTests.ServiceProxy;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.HostPorts;
using NodeAgent.KernelState;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.KernelState;

/// <summary>A node with a Service and a host port, whose rules are watched as the agent watches them; tells what was repaired.</summary>
internal sealed class WatchedRules : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<(KernelChange Change, string? By)> repaired = [];
    private readonly List<Task> running = [];

    private WatchedRules(ServiceNetwork network) => Network = network;

    public ServiceNetwork Network { get; }

    public IReadOnlyList<(KernelChange Change, string? By)> Repaired { get { lock (repaired) return [.. repaired]; } }

    public static async Task<WatchedRules> Create(IptablesBackend backend)
    {
        var rules = new WatchedRules(await ServiceNetwork.Create(backend));
        await rules.Start();
        return rules;
    }

    private async Task Start()
    {
        var proxier = new Proxier(NullLogger.Instance, new IptablesBackEnd(Network.Node.TryRun, Network.Backend), new StaleFlows(new Conntrack(Network.Node.Namespace), NullLogger.Instance),
            TimeSpan.FromHours(1), Done);
        var mapper = new HostPortMapper(new Dictionary<string, IReadOnlyList<HostPort>>(), NullLogger.Instance, Network.Node.TryRun, Network.Backend, Network.Node.Namespace, Done);
        await mapper.Open("u0", [new("default/p0", "tcp", "", 8080, ServiceNetwork.PodAddress(0), 80)], default);
        var watch = new RuleWatch(Network.Node.Namespace, NullLogger.Instance);
        watch.Altered += proxier.Altered;
        watch.Altered += mapper.Altered;
        running.AddRange([proxier.Run(stop.Token), mapper.Run(stop.Token), watch.Run(stop.Token)]);
        await Network.Update(proxier, [Service("s", ServiceNetwork.Vip), Service("empty", ServiceNetwork.OtherVip)], [Slice("s", 80, ServiceNetwork.PodAddress(0))]);
        await Task.Delay(TimeSpan.FromSeconds(1.5)); // what it did itself is looked at by now
    }

    public void Forget()
    {
        lock (repaired) repaired.Clear();
    }

    private TimeSpan Done(IReadOnlyList<KernelChange> changes, string? by)
    {
        lock (repaired) repaired.AddRange(changes.Select(change => (change, by)));
        return TimeSpan.Zero;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running);
        await Network.DisposeAsync();
    }
}
