using System.Diagnostics;
using System.Net;
using Linux;

namespace Benchmarks.Services;

/// <summary>Services at any size: what the back ends cost, what the rules cost a packet, and how long a change takes from the API to the kernels.</summary>
internal sealed class ServicesBench(string top, bool quick, Action<string> say)
{
    /// <summary>What any node has without Services: pods are masqueraded towards the outside, and so connections are tracked.</summary>
    private const string Bare = """
        add table ip bare
        add chain ip bare postrouting { type nat hook postrouting priority 100 ; }
        add rule ip bare postrouting ip saddr 10.128.0.0/24 ip daddr != 10.128.0.0/9 masquerade

        """;

    private IReadOnlyList<int> Sizes => quick ? [10, 1_000] : [10, 1_000, 5_000, 10_000, 20_000];

    private int Rounds => quick ? 2 : 5;

    private int Connects => quick ? 5_000 : 15_000;

    public async Task<IReadOnlyList<Figure>> Run(CancellationToken cancel)
    {
        var figures = new List<Figure>();
        var backend = await IptablesBackends.Detect(cancel: cancel);
        foreach (var size in Sizes)
        {
            say($"{size} Services, iptables ({backend}) ...");
            figures.AddRange(await Iptables(backend, size, cancel));
        }
        figures.AddRange(await ClusterChange.Measure(top, Sizes, quick ? 20 : 100, say, cancel));
        return figures;
    }

    private async Task<IReadOnlyList<Figure>> Iptables(IptablesBackend backend, int size, CancellationToken cancel)
    {
        var title = $"{size} Services, iptables";
        using var ours = await RouterNetwork.Create();
        using var peer = await RouterNetwork.Create();
        using var bare = await RouterNetwork.Create();
        await bare.Router.Run("nft", ["-f", "-"], Bare, cancel);
        var rules = new OurRules(ours.Router, backend);
        var load = await Timed(() => rules.Load(size, cancel));
        var restore = $"iptables-{(backend == IptablesBackend.Nft ? "nft" : "legacy")}-restore";
        var peerLoad = await Timed(async () =>
        {
            foreach (var text in KubeProxyIptables.Load(size)) await peer.Router.Run(restore, ["-w", "5", "--noflush"], text, cancel);
        });
        say($"loaded: {load:0} ms, peer {peerLoad:0} ms");
        List<double> changes = [], peerChanges = [];
        for (var i = 0; i < (quick ? 5 : 20); i++)
        {
            var service = i * 7919 % size;
            IReadOnlyList<IPAddress> endpoints = [.. MadeUpServices.Endpoints(service).Take(4), MadeUpServices.Endpoint(service, 5 + i % 3)];
            changes.Add(await Timed(() => rules.Change(service, endpoints, cancel)));
            var text = KubeProxyIptables.Change(size, service, endpoints);
            peerChanges.Add(await Timed(() => peer.Router.Run(restore, ["-w", "5", "--noflush"], text, cancel)));
        }
        say("packets ...");
        return
        [
            new($"{title}: first load, back end alone", new("ours", "ms", [load]), new("kube-proxy's rules", "ms", [peerLoad]), ""),
            new($"{title}: one endpoint changed, back end alone", new("ours", "ms", changes), new("kube-proxy's rules", "ms", peerChanges), ""),
            .. PacketCost.Measure(title, "", ours, peer, bare, size, Connects, Rounds),
        ];
    }

    private static async Task<double> Timed(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
