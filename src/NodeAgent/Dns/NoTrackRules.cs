using System.Net;
using Linux;
using NodeAgent.KernelState;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;

namespace NodeAgent.Dns;

/// <summary>
/// Packets to and from the DNS address pass by connection tracking, and with it by every nat rule: two queries that leave one socket at once
/// (A and AAAA) cannot get into each other's way. Holds only while the address is this machine's; without it the Service's rules take over.
/// All chains of ours in table raw are these.
/// </summary>
internal sealed class NoTrackRules(RunProgram? run = null, IptablesBackend? backend = null)
{
    private const string Table = "raw", In = "NA-DNS", Out = "NA-DNS-OUT";

    private Iptables? iptables;

    /// <summary>Pure: what shall be in table raw, in iptables-save's own wording.</summary>
    public static IptablesTable Wanted(IPAddress address)
    {
        static IReadOnlyList<IptablesRule> Both(Func<string, string> rule) => [.. new[] { "udp", "tcp" }.Select(protocol => new IptablesRule(rule(protocol)))];
        var chains = new Dictionary<string, IReadOnlyList<IptablesRule>>
        {
            [In] = Both(protocol => $"-d {address}/32 -p {protocol} -m {protocol} --dport 53 -m addrtype --dst-type LOCAL -j CT --notrack"),
            [Out] = Both(protocol => $"-s {address}/32 -p {protocol} -m {protocol} --sport 53 -j CT --notrack"),
        };
        static IptablesJump Jump(string from, string to) => new(from, new($"-m comment --comment \"NodeAgent: DNS\" -j {to}"));
        return new(Table, chains, [Jump("PREROUTING", In), Jump("OUTPUT", In), Jump("OUTPUT", Out)]);
    }

    /// <summary>Puts back what is missing.</summary>
    /// <returns>What was not as it should be.</returns>
    /// <exception cref="CommandException">iptables refused.</exception>
    public async Task<IReadOnlyList<KernelChange>> Ensure(IPAddress address, CancellationToken cancel)
    {
        var (now, wanted) = (await Read(cancel), Wanted(address));
        foreach (var text in IptablesChange.Between(now, wanted).Texts) await iptables!.Restore(text, cancel);
        return RuleDrift.Between(now, wanted, _ => DnsServer.ApiObject);
    }

    /// <summary>What would have to change, without changing it.</summary>
    public async Task<IReadOnlyList<KernelChange>> Plan(IPAddress address, CancellationToken cancel) =>
        RuleDrift.Between(await Read(cancel), Wanted(address), _ => DnsServer.ApiObject);

    /// <summary>What there is of ours.</summary>
    public async Task<IEnumerable<KernelEntry>> State(CancellationToken cancel) =>
        (await Read(cancel)).Lines().Select(rule => new KernelEntry("rule", rule.Line, DnsServer.ApiObject));

    private async Task<IptablesTable> Read(CancellationToken cancel)
    {
        iptables ??= new(backend ?? await IptablesBackends.Detect(run, cancel), run);
        return IptablesSave.Parse(Table, await iptables.Save(Table, cancel));
    }
}
