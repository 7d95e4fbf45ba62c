using Linux;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>The thin end: what is ours in the kernel's iptables, read and written.</summary>
internal sealed class IptablesKernel(Iptables iptables, RunProgram? run = null)
{
    /// <summary>Whether packets may leave (and come) with addresses of 127.0.0.0/8; without it 127.0.0.1 cannot be translated to a pod's address.</summary>
    public const string RouteLocalnet = "net.ipv4.conf.all.route_localnet";

    private const string RouteLocalnetFile = "/proc/sys/net/ipv4/conf/all/route_localnet";

    private readonly RunProgram run = run ?? ((program, arguments, input, cancel) => CommandRunner.TryRun(program, arguments, input, cancel: cancel));

    public int ChainsPerCall => iptables.Backend == IptablesBackend.Nft ? IptablesChange.ChainsPerNftCall : int.MaxValue;

    /// <summary>Which of the agent's chains are this mode's. Host ports have others, and the local DNS, and the nftables mode.</summary>
    public static bool Owns(string table, string chain) => table switch
    {
        "nat" => !HostPorts.HostPortRules.Owns(chain),
        "filter" => chain != NftablesMode.ForwardAccept.Chain,
        _ => false,
    };

    /// <exception cref="CommandException">iptables refused.</exception>
    public async Task<IptablesRules> Read(CancellationToken cancel) => new(Parse("nat", await iptables.Save("nat", cancel), Owns), Parse("filter", await iptables.Save("filter", cancel), Owns));

    private static IptablesTable Parse(string table, string text, Func<string, string, bool>? owns) => IptablesSave.Parse(table, text, owns is null ? null : chain => owns(table, chain));

    /// <summary>One after the other, since a later one leads to chains of an earlier one.</summary>
    /// <exception cref="CommandException">iptables refused; what came before is written.</exception>
    public async Task Write(IEnumerable<string> texts, CancellationToken cancel)
    {
        foreach (var text in texts) await iptables.Restore(text, cancel);
    }

    /// <summary>By a program, as the rules are: in the same network namespace.</summary>
    /// <returns>True if it was not set.</returns>
    /// <exception cref="CommandException">The kernel refused.</exception>
    public async Task<bool> AllowLocalnet(bool write, CancellationToken cancel)
    {
        if ((await run("cat", [RouteLocalnetFile], null, cancel)).Output.Trim() == "1") return false;
        if (write) await SetLocalnet("1", cancel);
        return true;
    }

    /// <summary>Before the guard goes: without it, neighbours would reach this node's loopback.</summary>
    public Task ForbidLocalnet(CancellationToken cancel) => SetLocalnet("0", cancel);

    private async Task SetLocalnet(string value, CancellationToken cancel)
    {
        var result = await run("tee", [RouteLocalnetFile], value, cancel);
        if (result.ExitCode != 0) throw new CommandException($"{RouteLocalnet}={value}", result);
    }

    /// <summary>First the rules that lead to our chains, then the chains; in whatever table they are.</summary>
    /// <param name="owns">By table and chain: which; null = all of the agent's.</param>
    public async Task Cleanup(Func<string, string, bool>? owns, CancellationToken cancel)
    {
        var tables = IptablesSave.Tables(await iptables.SaveAll(cancel)).ToList();
        // The guard must not go before what it guards.
        if (tables.Any(table => table.Text.Contains(NodeRules.LocalhostGuard, StringComparison.Ordinal))) await ForbidLocalnet(cancel);
        foreach (var (table, text) in tables)
        {
            var jumps = IptablesChange.Between(Parse(table, text, owns), IptablesTable.Empty(table), ChainsPerCall);
            var chains = IptablesChange.Between(jumps.Result, IptablesTable.Empty(table), ChainsPerCall);
            await Write(jumps.Texts.Concat(chains.Texts), cancel);
        }
    }
}
