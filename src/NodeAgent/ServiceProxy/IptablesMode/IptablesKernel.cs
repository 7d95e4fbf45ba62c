using Linux;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>The thin end: what is ours in the kernel's iptables, read and written.</summary>
internal sealed class IptablesKernel(Iptables iptables)
{
    public int ChainsPerCall => iptables.Backend == IptablesBackend.Nft ? IptablesChange.ChainsPerNftCall : int.MaxValue;

    /// <exception cref="CommandException">iptables refused.</exception>
    public async Task<IptablesRules> Read(CancellationToken cancel) =>
        new(IptablesSave.Parse("nat", await iptables.Save("nat", cancel), chain => !HostPorts.HostPortRules.Owns(chain)), IptablesSave.Parse("filter", await iptables.Save("filter", cancel)));

    /// <summary>One after the other, since a later one leads to chains of an earlier one.</summary>
    /// <exception cref="CommandException">iptables refused; what came before is written.</exception>
    public async Task Write(IEnumerable<string> texts, CancellationToken cancel)
    {
        foreach (var text in texts) await iptables.Restore(text, cancel);
    }

    /// <summary>First the rules that lead to our chains, then the chains; in whatever table they are.</summary>
    public async Task Cleanup(CancellationToken cancel)
    {
        foreach (var (table, text) in IptablesSave.Tables(await iptables.SaveAll(cancel)))
        {
            var jumps = IptablesChange.Between(IptablesSave.Parse(table, text), IptablesTable.Empty(table), ChainsPerCall);
            var chains = IptablesChange.Between(jumps.Result, IptablesTable.Empty(table), ChainsPerCall);
            await Write(jumps.Texts.Concat(chains.Texts), cancel);
        }
    }
}
