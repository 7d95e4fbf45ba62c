using System.Diagnostics;
using System.Net;
using Linux;
using NodeAgent.ServiceProxy;

namespace Benchmarks.Services;

/// <summary>Services at any size: what the back ends cost, what the rules cost a packet, and how long a change takes from the API to the kernels.</summary>
/// <param name="parts">Of <see cref="Parts"/>; none = all.</param>
/// <param name="bound">After this no further measurement begins, and the one that runs is ended; what is there by then is printed.</param>
internal sealed class ServicesBench(string top, bool quick, IReadOnlyList<string> parts, TimeSpan bound, Action<string> say)
{
    /// <summary>back-end: load and change, and what a packet pays; cluster: from the API's write to the kernels; pods: pod to pod; drift: until it is mended; update: rolling updates under load.</summary>
    public static readonly string[] Parts = ["back-end", "cluster", "pods", "drift", "update"];

    private const string FlatAim = "flat", ChangeAim = "0.05 ms, flat", PacketAim = "within 3 %, flat";

    /// <summary>What any node has without Services: pods are masqueraded towards the outside, and so connections are tracked.</summary>
    private const string Bare = """
        add table ip bare
        add chain ip bare postrouting { type nat hook postrouting priority 100 ; }
        add rule ip bare postrouting ip saddr 10.128.0.0/24 ip daddr != 10.128.0.0/9 masquerade

        """;

    private readonly List<Figure> figures = [];
    private readonly Stopwatch running = Stopwatch.StartNew();

    private IReadOnlyList<int> Sizes => quick ? [10, 1_000] : [10, 1_000, 5_000, 10_000, 20_000];

    private int Rounds => quick ? 2 : 5;

    private int Connects => quick ? 5_000 : 15_000;

    private static IReadOnlyList<ProxyMode> Modes => [ProxyMode.Nftables, ProxyMode.Iptables];

    public async Task<IReadOnlyList<Figure>> Run(CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ending.CancelAfter(bound);
        try
        {
            if (Wants("back-end")) await BackEnds(ending.Token);
            if (Wants("cluster")) await Clusters(ending.Token);
            if (Wants("pods")) await Pods(ending.Token);
            if (Wants("drift")) await Drift(ending.Token);
            if (Wants("update")) await Updates(ending.Token);
        }
        catch (OperationCanceledException)
        {
            say(cancel.IsCancellationRequested ? "interrupted: the rest is left out" : $"{bound.TotalMinutes:0} minutes are over: the rest is left out (--minutes, --part)");
        }
        return figures;
    }

    private bool Wants(string part) => parts.Count == 0 || parts.Contains(part);

    private async Task BackEnds(CancellationToken cancel)
    {
        var iptables = await IptablesBackends.Detect(cancel: cancel);
        foreach (var mode in Modes) await WarmUp(mode, iptables, cancel);
        foreach (var size in Sizes)
            foreach (var mode in Modes)
            {
                Progress($"{size} Services, {Name(mode)} ...");
                await BackEnd(mode, iptables, size, cancel);
            }
    }

    /// <summary>What is not compiled yet would be counted as the first load.</summary>
    private static async Task WarmUp(ProxyMode mode, IptablesBackend iptables, CancellationToken cancel)
    {
        using var network = await RouterNetwork.Create();
        using var rules = new OurRules(network.Router, mode, iptables);
        await rules.Load(10, cancel);
    }

    private async Task Clusters(CancellationToken cancel)
    {
        foreach (var mode in Modes)
            await ClusterChange.Measure(top, Name(mode), Sizes, quick ? 20 : 100, figures.Add, Progress, cancel);
    }

    private async Task Pods(CancellationToken cancel)
    {
        Progress("pod to pod ...");
        figures.AddRange(await PodTraffic.Measure(await IptablesBackends.Detect(cancel: cancel), quick ? 10 : 40, cancel));
    }

    /// <summary>By iptables-nft in iptables mode: the legacy tables tell no events.</summary>
    private async Task Drift(CancellationToken cancel)
    {
        foreach (var size in Sizes.Where(size => size <= 10_000))
            foreach (var mode in Modes)
            {
                Progress($"drift, {size} Services, {Name(mode)} ...");
                figures.AddRange(await DriftRepair.Measure(mode, size, deletions: quick ? 20 : 50, flushes: quick ? 5 : 20, cancel));
            }
    }

    private async Task Updates(CancellationToken cancel)
    {
        foreach (var mode in Modes) await RollingUpdate.Measure(top, Name(mode), quick ? 2 : 10, figures.Add, Progress, cancel);
    }

    private void Progress(string line) => say($"{running.Elapsed:m\\:ss} {line}");

    private static string Name(ProxyMode mode) => mode.ToString().ToLowerInvariant();

    private async Task BackEnd(ProxyMode mode, IptablesBackend iptables, int size, CancellationToken cancel)
    {
        var title = $"{Name(mode)}, {size} Services";
        using var network = await RouterNetwork.Create();
        using var peerNetwork = await RouterNetwork.Create();
        using var bare = await RouterNetwork.Create();
        await bare.Router.Run("nft", ["-f", "-"], Bare, cancel);
        using var ours = new OurRules(network.Router, mode, iptables);
        var peer = new PeerRules(peerNetwork.Router, mode, iptables);
        var load = await Timed(() => ours.Load(size, cancel));
        Progress($"loaded: {load:0} ms");
        var peerLoad = await Timed(() => peer.Load(size, cancel));
        Progress($"the peer: {peerLoad:0} ms");
        figures.Add(new($"{title}: first load", new("ours", "ms", [load]), new("kube-proxy's rules", "ms", [peerLoad]), ""));
        List<double> changes = [], peerChanges = [];
        for (var i = -3; i < (quick ? 20 : 100); i++)
        {
            var service = Math.Abs(i) * 7919 % size;
            IReadOnlyList<IPAddress> endpoints = [.. MadeUpServices.Endpoints(service).Take(4), MadeUpServices.Endpoint(service, 5 + Math.Abs(i) % 3)];
            var taken = await Timed(() => ours.Change(service, endpoints, cancel));
            if (i >= 0) changes.Add(taken); // the first ones are compiled on the way
            if (i is < 0 or >= 10) continue;
            peerChanges.Add(await Timed(() => peer.Change(service, endpoints, cancel)));
        }
        figures.Add(new($"{title}: one endpoint changed, the back end's Apply", new("ours", "ms", changes), new("kube-proxy's rules", "ms", peerChanges), mode == ProxyMode.Nftables ? ChangeAim : FlatAim));
        Progress("packets ...");
        figures.AddRange(PacketCost.Measure(title, mode == ProxyMode.Nftables ? PacketAim : "", network, peerNetwork, bare, size, Connects, Rounds));
    }

    private static async Task<double> Timed(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
