using Linux;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>
/// Lets pods pass where iptables' FORWARD drops by policy or rule, as Docker and firewalls have it: an accept in a table of nftables could
/// not change that. Where iptables has no filter table there is nothing to do, and none is made.
/// </summary>
/// <param name="run">How iptables is started; null = in this process' own network namespace.</param>
/// <param name="backend">Null = the one that the machine uses.</param>
internal sealed class ForwardAccept(RunProgram? run = null, IptablesBackend? backend = null)
{
    public const string Chain = "NA-NFT-FORWARD";

    private const string Table = "filter";

    private Iptables? iptables;

    /// <summary>Pure. What comes from outside through this node to another's pod, or to another node itself, is known by its translation.</summary>
    public static IptablesTable Wanted(NodeFacts node)
    {
        if (node.PodCidr is not { } pods) return IptablesTable.Empty(Table);
        IEnumerable<string> rules =
        [
            $"-s {pods} -j ACCEPT", $"-d {pods} -j ACCEPT",
            .. node.NonMasqueradeCidrs.Prepend(node.ClusterCidr).Distinct().Select(network => $"-d {network} -m conntrack --ctstate DNAT -j ACCEPT"),
            "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        ];
        return new(Table, new Dictionary<string, IReadOnlyList<IptablesRule>> { [Chain] = [.. rules.Select(rule => new IptablesRule(rule, node.Origin))] },
            [new("FORWARD", new($"-m comment --comment \"NodeAgent: pods\" -j {Chain}", node.Origin))]);
    }

    public async Task<IReadOnlyList<Drift>> Compare(NodeFacts node, bool write, CancellationToken cancel)
    {
        if (await Read(cancel) is not { } now) return [];
        var wanted = Wanted(node);
        var (present, next) = (now.Lines().Select(entry => entry.Line).ToHashSet(), wanted.Lines().Select(entry => entry.Line).ToHashSet());
        if (write) await Write(now, wanted, cancel);
        return [.. next.Except(present).Select(line => new Drift("add", line, $"{node.Origin}")), .. present.Except(next).Select(line => new Drift("delete", line, $"{node.Origin}"))];
    }

    public async Task<IReadOnlyList<StateLine>> State(CancellationToken cancel) =>
        [.. ((await Read(cancel))?.Lines() ?? []).Select(entry => new StateLine(entry.Line, "this Node"))];

    public async Task Remove(CancellationToken cancel)
    {
        if (await Read(cancel) is not { } now) return;
        await Write(now, IptablesTable.Empty(Table), cancel);
        if (await Read(cancel) is { } rest) await Write(rest, IptablesTable.Empty(Table), cancel); // a chain goes one change after its last reference
    }

    private async Task Write(IptablesTable now, IptablesTable wanted, CancellationToken cancel)
    {
        foreach (var text in IptablesChange.Between(now, wanted).Texts) await iptables!.Restore(text, cancel);
    }

    /// <summary>Null where iptables has no filter table, or is not installed.</summary>
    private async Task<IptablesTable?> Read(CancellationToken cancel)
    {
        try { iptables ??= new(backend ?? await IptablesBackends.Detect(run, cancel), run); }
        catch (IOException) { return null; }
        // All tables, since asking for one creates it.
        return IptablesSave.Tables(await iptables.SaveAll(cancel)).FirstOrDefault(table => table.Table == Table) is { Text: not null } found
            ? IptablesSave.Parse(Table, found.Text, chain => chain == Chain) : null;
    }
}
