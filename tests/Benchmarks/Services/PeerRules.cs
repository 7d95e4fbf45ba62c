using System.Net;
using Linux;
using NodeAgent.ServiceProxy;

namespace Benchmarks.Services;

/// <summary>Rules of kube-proxy's shape for the same Services, written by the programs that it starts.</summary>
internal sealed class PeerRules(Space space, ProxyMode mode, IptablesBackend iptables)
{
    private readonly string restore = $"iptables-{(iptables == IptablesBackend.Nft ? "nft" : "legacy")}-restore";
    private int services;

    public async Task Load(int count, CancellationToken cancel)
    {
        services = count;
        if (mode == ProxyMode.Nftables) await space.Run("nft", ["-f", "-"], KubeProxyNftables.Load(count), cancel);
        else foreach (var text in KubeProxyIptables.Load(count)) await Restore(text, cancel);
    }

    public Task Change(int service, IReadOnlyList<IPAddress> endpoints, CancellationToken cancel) => mode == ProxyMode.Nftables
        ? space.Run("nft", ["-f", "-"], KubeProxyNftables.Change(service, endpoints), cancel)
        : Restore(KubeProxyIptables.Change(services, service, endpoints), cancel);

    private Task Restore(string text, CancellationToken cancel) => space.Run(restore, ["-w", "5", "--noflush"], text, cancel);
}
