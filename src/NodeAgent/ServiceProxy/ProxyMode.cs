using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.NftablesMode;

namespace NodeAgent.ServiceProxy;

/// <summary>By what Services get into the kernel.</summary>
internal enum ProxyMode
{
    Iptables,
    Nftables,
}

/// <summary>The ways into this machine's kernel.</summary>
internal static class ProxyModes
{
    /// <summary>That mode's, which takes over from the other.</summary>
    public static IRuleBackEnd BackEnd(ProxyMode mode)
    {
        IptablesBackEnd iptables = new();
        NftablesBackEnd nftables = new(forward: new ForwardAccept());
        return mode == ProxyMode.Nftables ? new ModeSwitch(nftables, iptables.Leave) : new ModeSwitch(iptables, nftables.Cleanup);
    }

    /// <summary>What there is of either.</summary>
    public static async Task<IReadOnlyList<StateLine>> State(Model.ServiceTable? known, CancellationToken cancel)
    {
        using NftablesBackEnd nftables = new(forward: new ForwardAccept());
        return [.. await new IptablesBackEnd().State(known, cancel), .. await nftables.State(known, cancel)];
    }
}
