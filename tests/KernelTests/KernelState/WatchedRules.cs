using System.Diagnostics;
using KernelTests.ServiceProxy;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.HostPorts;
using NodeAgent.KernelState;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.KernelState;

/// <summary>A node with a Service and a host port, whose rules are watched as the agent watches them; tells what was repaired.</summary>
internal sealed class WatchedRules : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<(KernelChange Change, string? By)> repaired = [];
    private readonly List<Task> running = [];

    private static readonly IReadOnlyCollection<Service> Services = [Service("s", ServiceNetwork.Vip), Service("empty", ServiceNetwork.OtherVip)];
    private static readonly IReadOnlyCollection<EndpointSlice> Slices = [Slice("s", 80, ServiceNetwork.PodAddress(0))];

    private int looks;

    private WatchedRules(ServiceNetwork network) => Network = network;

    public ServiceNetwork Network { get; }

    public IReadOnlyList<(KernelChange Change, string? By)> Repaired { get { lock (repaired) return [.. repaired]; } }

    public Proxier Proxier { get; private set; } = null!;

    /// <summary>How often the Services' rules were read back (iptables modes).</summary>
    public int Looks => Volatile.Read(ref looks);

    public static Task<WatchedRules> Create(IptablesBackend backend) => Create(backend == IptablesBackend.Legacy ? RuleMode.IptablesLegacy : RuleMode.IptablesNft);

    public static async Task<WatchedRules> Create(RuleMode mode)
    {
        var rules = new WatchedRules(await ServiceNetwork.Create(mode));
        await rules.Start();
        return rules;
    }

    private async Task Start()
    {
        IRuleBackEnd backEnd = Network.Mode == RuleMode.Nftables ? Network.BackEnd() : new IptablesBackEnd(Counting, Network.Backend);
        var proxier = Proxier = new Proxier(NullLogger.Instance, backEnd, new StaleFlows(new Conntrack(Network.Node.Namespace), NullLogger.Instance),
            TimeSpan.FromHours(1), Done);
        var mapper = new HostPortMapper(new Dictionary<string, IReadOnlyList<HostPort>>(), NullLogger.Instance, Network.Node.TryRun, Network.Backend, Network.Node.Namespace, Done);
        await mapper.Open("u0", [new("default/p0", "tcp", "", 8080, ServiceNetwork.PodAddress(0), 80)], default);
        var watch = new RuleWatch(Network.Node.Namespace, NullLogger.Instance);
        watch.Altered += proxier.Altered;
        watch.Altered += mapper.Altered;
        running.AddRange([proxier.Run(stop.Token), mapper.Run(stop.Token), watch.Run(stop.Token)]);
        await Network.Update(proxier, Services, Slices);
        await Calm();
    }

    /// <summary>Until what was done is looked at, however slow this machine is.</summary>
    public async Task Calm()
    {
        for (var (quiet, seen) = (Stopwatch.StartNew(), Looks); quiet.Elapsed < TimeSpan.FromSeconds(1.5); await Task.Delay(50))
            if (Looks != seen) (quiet, seen) = (Stopwatch.StartNew(), Looks);
    }

    private Task<CommandResult> Counting(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancel)
    {
        if (program.EndsWith("-save") && arguments.Contains("filter")) Interlocked.Increment(ref looks);
        return Network.Node.TryRun(program, arguments, input, cancel);
    }

    /// <summary>What is not as it shall be, one a line.</summary>
    public async Task<string?> Differences()
    {
        var backEnd = Network.BackEnd();
        using var ends = backEnd as IDisposable;
        var all = await backEnd.Compare(ServiceTable.Of(Services, Slices, ServiceNetwork.Facts), write: false, default);
        return all.Count == 0 ? null : string.Join('\n', all);
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
