using KernelTests.ServiceProxy;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using static KernelTests.ServiceProxy.ServiceNetwork;

namespace KernelTests.KernelState;

/// <summary>What others do to our rules is seen at once, named, and mended; what is theirs stays.</summary>
public class RuleDriftTests
{
    public static TheoryData<IptablesBackend> Backends => new(IptablesBackend.Nft, IptablesBackend.Legacy);

    [Theory, MemberData(nameof(Backends))]
    public async Task Every_alteration_is_named_with_its_object_and_mended(IptablesBackend backend)
    {
        await using var rules = await WatchedRules.Create(backend);
        var whole = await rules.Network.Ours();
        var jump = whole.Split('\n').First(line => line.StartsWith("-A PREROUTING ", StringComparison.Ordinal) && line.Contains("-j NA-SERVICES", StringComparison.Ordinal));
        var chain = whole.Split('\n').First(line => line.StartsWith("-A NA-SVC-", StringComparison.Ordinal)).Split(' ')[1];

        await Altered(jump, "Add", ["-t", "nat", "-D", "PREROUTING", .. TestCommand.Split(jump)[2..]]);
        await Altered($"-A {chain} ", "Add", "-t", "nat", "-F", chain);
        await Altered("-A NA-POSTROUTING ", "Add", "-t", "nat", "-D", "NA-POSTROUTING", "1");
        await Altered("-A NA-SERVICES -j ACCEPT", "Delete", "-t", "nat", "-A", "NA-SERVICES", "-j", "ACCEPT");
        await Altered("-A NA-FORWARD ", "Add", "-t", "filter", "-F", "NA-FORWARD");
        await Altered("-A NA-HOSTPORTS ", "Add", "-t", "nat", "-F", "NA-HOSTPORTS");
        await Altered("-A NA-SERVICES ", "Add", "-t", "nat", "-F");

        async Task Altered(string line, string action, params string[] command)
        {
            rules.Forget();
            await rules.Network.Iptables("", null, command);
            await Eventually(() => Task.FromResult(rules.Repaired.Any(repair => repair.Change.Action.ToString() == action && repair.Change.Entry.Text.StartsWith(line, StringComparison.Ordinal))
                ? null : $"{string.Join(' ', command)}: not told: {action} {line}\ntold:\n{string.Join('\n', rules.Repaired)}"));
            await Eventually(async () => Sorted(await rules.Network.Ours()) == Sorted(whole) ? null : $"{string.Join(' ', command)}: not healed:\n{await rules.Network.Ours()}");
            // The legacy tables do not tell who it was.
            if (backend == IptablesBackend.Nft) Assert.All(rules.Repaired, repair => Assert.StartsWith("iptables-nft[", repair.By));
        }
    }

    [Fact]
    public async Task A_flush_of_the_whole_ruleset_is_mended_and_names_nft()
    {
        await using var rules = await WatchedRules.Create(IptablesBackend.Nft);
        var whole = Sorted(await rules.Network.Ours());
        await rules.Network.Node.Run("nft", ["flush", "ruleset"]);
        await Eventually(async () => Sorted(await rules.Network.Ours()) == whole ? null : $"not healed:\n{await rules.Network.Ours()}");
        await Eventually(() => Task.FromResult(rules.Repaired.Any(repair => repair.By?.StartsWith("nft[") == true && repair.Change.Entry.Origin.StartsWith("Service default/s"))
            ? null : $"told:\n{string.Join('\n', rules.Repaired)}"));
    }

    [Theory, MemberData(nameof(Backends))]
    public async Task A_foreign_firewall_that_loads_its_own_rules_keeps_them_as_they_are(IptablesBackend backend)
    {
        await using var rules = await WatchedRules.Create(backend);
        const string firewall = """
            *filter
            :INPUT ACCEPT [0:0]
            :FORWARD DROP [0:0]
            :OUTPUT ACCEPT [0:0]
            :MY-ZONE - [0:0]
            -A FORWARD -i eth7 -j MY-ZONE
            -A MY-ZONE -p tcp -m tcp --dport 22 -j ACCEPT
            COMMIT
            *nat
            :PREROUTING ACCEPT [0:0]
            :INPUT ACCEPT [0:0]
            :OUTPUT ACCEPT [0:0]
            :POSTROUTING ACCEPT [0:0]
            -A POSTROUTING -o eth7 -j MASQUERADE
            COMMIT

            """;
        var ours = Ours(await rules.Network.Ours());
        for (var reload = 0; reload < 3; reload++)
        {
            await rules.Network.Iptables("restore", firewall); // without --noflush: all else goes
            await Eventually(async () => Ours(await rules.Network.Ours()) is var now && now == ours ? null : $"reload {reload}: not healed:\n{Difference(ours, now)}");
            var foreign = string.Join('\n', (await rules.Network.Ours()).Split('\n').Where(line => !line.Contains("NA-", StringComparison.Ordinal)));
            await rules.Network.Iptables("restore", firewall);
            var alone = string.Join('\n', (await rules.Network.Ours()).Split('\n').Where(line => !line.Contains("NA-", StringComparison.Ordinal)));
            Assert.Equal(alone, foreign);
            await Eventually(async () => Ours(await rules.Network.Ours()) is var now && now == ours ? null : $"reload {reload}: not healed:\n{Difference(ours, now)}");
        }
    }

    [Theory, MemberData(nameof(Backends))]
    public async Task Changes_of_foreign_rules_are_no_reason_to_look(IptablesBackend backend)
    {
        await using var rules = await WatchedRules.Create(backend);
        var looks = rules.Looks;
        await rules.Network.Iptables("", null, "-t", "nat", "-N", "DOCKER");
        await rules.Network.Iptables("", null, "-t", "nat", "-A", "DOCKER", "-j", "RETURN");
        await Task.Delay(1000);
        Assert.Empty(rules.Repaired);
        Assert.InRange(rules.Looks - looks, 0, backend == IptablesBackend.Legacy ? 2 : 0); // its tables do not tell what in them has changed
    }

    [Fact]
    public async Task What_is_altered_in_nftables_mode_is_named_and_mended()
    {
        await using var rules = await WatchedRules.Create(RuleMode.Nftables);
        Assert.Null(await rules.Differences());
        await Altered("element ", "flush", "map", "ip", "na", "fe-endpoints");
        await Altered("rule ", "flush", "chain", "ip", "na", "services");
        await Altered("rule ", "add", "rule", "ip", "na", "services", "accept");
        await Altered("element ", "delete", "table", "ip", "na");

        async Task Altered(string kind, params string[] command)
        {
            rules.Forget();
            await rules.Network.Node.Run("nft", command);
            await Eventually(() => Task.FromResult(rules.Repaired.Any(repair => $"{repair.Change.Entry.Kind} " == kind && repair.By?.StartsWith("nft[") == true) ? null
                : $"nft {string.Join(' ', command)}: not told; told:\n{string.Join('\n', rules.Repaired)}"));
            await Eventually(async () => await rules.Differences() is { } left ? $"nft {string.Join(' ', command)}: not mended:\n{left}" : null);
        }
    }

    [Fact]
    public async Task A_firewall_that_comes_later_does_not_shut_out_the_pods_of_nftables_mode()
    {
        await using var rules = await WatchedRules.Create(RuleMode.Nftables);
        await rules.Network.Node.Run("iptables-nft", ["-P", "FORWARD", "DROP"]);
        await Eventually(async () => (await rules.Network.Save("-t", "filter")).Contains("-j NA-NFT-FORWARD", StringComparison.Ordinal) ? null : "no way through FORWARD");
    }

    [Theory, InlineData(RuleMode.IptablesNft), InlineData(RuleMode.Nftables)]
    public async Task Own_changes_one_after_the_other_are_no_reason_to_look(RuleMode mode)
    {
        const int changes = 30;
        await using var rules = await WatchedRules.Create(mode);
        var (looks, before) = (rules.Looks, TestServices.Slice("s", 80, PodAddress(0)));
        for (var i = 0; i < changes; i++)
        {
            var after = TestServices.Slice("s", 80, i % 2 == 0 ? [PodAddress(0), PodAddress(1)] : [PodAddress(0)]);
            rules.Proxier.Changed(before, after);
            before = after;
            await Task.Delay(50);
        }
        await Eventually(rules.Differences);
        Assert.Empty(rules.Repaired);
        // On a busy machine an event may be heard of before the end of the program whose change it was.
        Assert.InRange(rules.Looks - looks, 0, changes / 3);
    }

    [Fact]
    public async Task An_agent_that_is_killed_between_two_batches_has_a_successor_that_finishes_its_work_and_blames_nobody()
    {
        const IptablesBackend backend = IptablesBackend.Nft; // the legacy one takes a table at once
        await using var network = await ServiceNetwork.Create(backend);
        var services = Enumerable.Range(0, 120).Select(i => TestServices.Service($"s{i}", $"10.96.1.{i}")).ToList();
        var slices = Enumerable.Range(0, 120).Select(i => TestServices.Slice($"s{i}", 80, PodAddress(i % 3))).ToList();
        var table = ServiceTable.Of(services, slices, Facts);
        var restores = 0;
        await Assert.ThrowsAsync<IOException>(() => new IptablesBackEnd((program, arguments, input, cancel) =>
            program.EndsWith("-restore") && restores++ == 1 ? throw new IOException("killed") : network.Node.TryRun(program, arguments, input, cancel), backend).Compare(table, write: true, default));
        Assert.NotNull(await Left());

        var repaired = new List<NodeAgent.KernelState.KernelChange>();
        using var stop = new CancellationTokenSource();
        var proxier = new Proxier(NullLogger.Instance, network.BackEnd(), new StaleFlows(new Conntrack(network.Node.Namespace), NullLogger.Instance), TimeSpan.FromHours(1),
            (changes, _) => { lock (repaired) repaired.AddRange(changes); return TimeSpan.Zero; });
        var running = proxier.Run(stop.Token);
        proxier.Replace(services, slices, Facts);
        await Eventually(Left);
        await stop.CancelAsync();
        await running;
        Assert.Empty(repaired);

        async Task<string?> Left() => (await network.BackEnd().Compare(table, write: false, default)) is { Count: > 0 } left ? string.Join('\n', left) : null;
    }

    private static string Difference(string wanted, string now) =>
        string.Join('\n', [.. wanted.Split('\n').Except(now.Split('\n')).Select(line => $"- {line}"), .. now.Split('\n').Except(wanted.Split('\n')).Select(line => $"+ {line}"), now]);

    private static string Ours(string saved) => Sorted(string.Join('\n', saved.Split('\n').Where(line => line.Contains("NA-", StringComparison.Ordinal))));

    /// <summary>Each chain's rules in order, whatever the order of the chains, and of the jumps from built-in ones: whoever mends last is first there.</summary>
    private static string Sorted(string saved) => string.Join('\n', saved.Split('\n')
        .OrderBy(line => line.StartsWith("-A NA-") ? line.Split(' ')[1] : line, StringComparer.Ordinal));
}
