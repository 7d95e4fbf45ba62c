using System.Net;
using Linux;

namespace NodeAgent.Doctor;

/// <summary>What the mode nftables of <c>nodeagent run</c> needs of the kernel, tried part by part in a network namespace that ends with the trial.</summary>
internal static class NftablesCheck
{
    private const string Mode = "--proxy-mode nftables";

    /// <param name="Modules">That have it, where the kernel is made of modules.</param>
    private sealed record Trial(string Name, string Modules, string Type, uint Hook, Action<NftablesBatch> Add);

    /// <param name="wanted">The agent runs, or is to run, in that mode; else what is missing hurts nobody.</param>
    public static IReadOnlyList<Finding> Judge(IReadOnlyList<(string Name, string Modules, string? Refusal)> results, bool wanted)
    {
        var works = results.Where(result => result.Refusal is null).Select(result => result.Name).ToList();
        return [.. works.Count > 0 ? [Finding.Ok($"nf_tables: {string.Join(", ", works)}")] : Array.Empty<Finding>(),
            .. results.Where(result => result.Refusal is not null).Select(result => (Text: $"nf_tables without {result.Name}: {result.Refusal}", Mend: $"modprobe -a {result.Modules}   (or boot a kernel that has it)"))
                .Select(lack => wanted ? Finding.Fault($"{lack.Text}; {Mode} does not work", $"{lack.Mend}; or nodeagent run --proxy-mode iptables") : Finding.Note($"{lack.Text}; only {Mode} needs it", lack.Mend))];
    }

    public static IReadOnlyList<Finding> Examine(bool wanted) => Judge(NamespaceThread.Run(() =>
    {
        LibC.Check(LibC.unshare(LibC.CLONE_NEWNET), "make a network namespace");
        using var socket = new NftablesSocket();
        return Trials().Select(trial => (trial.Name, trial.Modules, Try(socket, trial))).ToList();
    }), wanted);

    private static string? Try(NftablesSocket socket, Trial trial)
    {
        var batch = new NftablesBatch("na-doctor").AddTable().AddChain("trial", new NftablesHook(trial.Type, trial.Hook, 0)).AddChain("goal");
        trial.Add(batch);
        try
        {
            socket.Commit(batch);
            socket.Commit(new NftablesBatch("na-doctor").DeleteTable());
            return null;
        }
        catch (NetlinkException e) { return e.Failures[0].ToString(); }
    }

    private static IEnumerable<Trial> Trials()
    {
        yield return Filter("tables", "nf_tables", _ => { });
        yield return Filter("sets", "nf_tables", batch => batch.AddSet(new NftablesSet("s", NftablesType.Ipv4Address, NftablesType.Service))
            .AddElements("s", [new(NftablesValue.Of(NftablesValue.Field(IPAddress.Loopback), NftablesValue.Field((ushort)80)))])
            .AddRule("trial", new NftablesExpressions().NetworkHeader(16, 4).TransportHeader(2, 2, 1).In("s")));
        yield return Filter("maps", "nf_tables", batch => batch.AddSet(new NftablesSet("m", [NftablesType.Ipv4Address], [NftablesType.Ipv4Address]))
            .AddRule("trial", new NftablesExpressions().NetworkHeader(16, 4).Map("m", into: 4)));
        yield return Filter("verdict maps", "nf_tables", batch => batch.AddSet(new NftablesSet("v", NftablesType.Ipv4Address) { Verdicts = true })
            .AddElements("v", [new(NftablesValue.Of(NftablesValue.Field(IPAddress.Loopback)), Chain: "goal")])
            .AddRule("trial", new NftablesExpressions().NetworkHeader(16, 4).VerdictMap("v")));
        yield return Filter("sets that rules fill", "nf_tables", batch => batch.AddSet(new NftablesSet("d", NftablesType.Ipv4Address) { Timeout = TimeSpan.FromSeconds(10) })
            .AddRule("trial", new NftablesExpressions().NetworkHeader(12, 4).Update("d")));
        yield return Filter("numgen random", "nft_numgen", batch => batch.AddRule("trial", new NftablesExpressions().Random(2)));
        yield return Filter("jhash", "nft_hash", batch => batch.AddRule("trial", new NftablesExpressions().NetworkHeader(12, 4).Hash(0, 4, 2, 1)));
        yield return Filter("ct state", "nft_ct nf_conntrack", batch => batch.AddRule("trial", new NftablesExpressions().Conntrack(0).And([8, 0, 0, 0]).Compare(new byte[4], not: true)));
        yield return Filter("fib", "nft_fib_ipv4", batch => batch.AddRule("trial", new NftablesExpressions().AddressType(source: false)));
        yield return Filter("reject", "nft_reject_ipv4", batch => batch.AddRule("trial", new NftablesExpressions().Unreachable()), LibC.NF_INET_LOCAL_IN);
        yield return new("dnat", "nft_chain_nat nft_nat", "nat", LibC.NF_INET_PRE_ROUTING, batch => batch.AddRule("trial", new NftablesExpressions().Protocol().Compare([6])
            .Load(IPAddress.Loopback.GetAddressBytes(), 4).Load([0, 80], 5).DestinationNat(4, 5)));
        yield return new("masquerade", "nft_chain_nat nft_masq", "nat", LibC.NF_INET_POST_ROUTING, batch => batch.AddRule("trial", new NftablesExpressions().Masquerade()));
    }

    private static Trial Filter(string name, string modules, Action<NftablesBatch> add, uint hook = LibC.NF_INET_PRE_ROUTING) => new(name, modules, "filter", hook, add);
}
