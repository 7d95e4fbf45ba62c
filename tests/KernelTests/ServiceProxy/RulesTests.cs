using System.Net.Sockets;
using Linux;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>What becomes of the rules: others' and ours.</summary>
public class RulesTests
{
    public static TheoryData<IptablesBackend> Backends => TrafficTests.Backends;

    [Theory, MemberData(nameof(Backends))]
    public async Task Rules_changed_by_hand_come_back(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        using var server = TestServer.Tcp(network.Pods[0], 80);
        await network.Serve([Service("s", Vip), Service("empty", OtherVip)], [Slice("s", 80, PodAddress(0))], TimeSpan.FromMilliseconds(100));
        var before = await network.Ours();
        string[][] vandalism =
        [
            ["-t", "nat", "-F", "NA-SERVICES"], ["-t", "nat", "-F"], ["-t", "filter", "-F"], ["-t", "nat", "-D", "NA-POSTROUTING", "1"],
            ["-t", "nat", "-A", "NA-MARK-MASQ", "-j", "ACCEPT"], ["-t", "nat", "-A", "PREROUTING", "-j", "NA-SERVICES"], ["-t", "nat", "-N", "NA-UNKNOWN"],
        ];
        foreach (var command in vandalism)
        {
            await network.Iptables("", null, command);
            await Eventually(async () => Rules(await network.Ours()) == Rules(before) ? null : $"{string.Join(' ', command)}: not healed:\n{await network.Ours()}");
        }
        Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], Vip, 80));
    }

    /// <summary>Each chain's rules in order, whatever the order of the chains.</summary>
    private static string Rules(string saved) => string.Join('\n', saved.Split('\n')
        .OrderBy(line => line.StartsWith("-A") ? line.Split(' ')[1] : line, StringComparer.Ordinal));

    [Theory, MemberData(nameof(Backends))]
    public async Task Foreign_rules_stay_and_cleanup_leaves_nothing_else(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        await network.Iptables("restore", """
            *nat
            :DOCKER - [0:0]
            -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
            -A DOCKER -i docker0 -j RETURN
            -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -m comment --comment "not -j NA-SERVICES" -j MASQUERADE
            COMMIT
            *filter
            :MY-NA-CHAIN - [0:0]
            :INPUT ACCEPT [0:0]
            -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
            -A FORWARD -o docker0 -j MY-NA-CHAIN
            COMMIT
            *mangle
            -A OUTPUT -m mark --mark 0x1 -j ACCEPT
            COMMIT

            """);
        string[] tables = ["nat", "filter", "mangle"];
        async Task<string> All() => string.Concat(await Task.WhenAll(tables.Select(table => network.Save("-t", table))));
        var before = await All();
        using (var ends = new CancellationTokenSource())
        {
            var proxier = network.Start(TimeSpan.FromMilliseconds(50), ends.Token);
            foreach (var pods in (string[][])[[PodAddress(0)], [PodAddress(0), PodAddress(1)], []])
                await network.Update(proxier, [Service("s", Vip)], [Slice("s", 80, pods)]);
            Assert.Equal(before, string.Join('\n', (await All()).Split('\n').Where(line => !line.Contains("NodeAgent:") && !line.StartsWith("-A NA-") && !line.StartsWith(":NA-"))));
            await ends.CancelAsync();
        }
        await new IptablesBackEnd(network.Node.TryRun).Cleanup(default);
        Assert.Equal(before, await All());
        await new IptablesBackEnd(network.Node.TryRun).Cleanup(default); // what is gone already is fine
        Assert.Equal(before, await All());
    }

    [Theory, MemberData(nameof(Backends))]
    public async Task A_restarted_agent_finds_its_rules_and_writes_nothing(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        var (services, slices) = Many(20);
        using (var ends = new CancellationTokenSource())
        {
            var first = network.Start(null, ends.Token);
            await network.Update(first, services, slices);
            await ends.CancelAsync();
        }
        var written = network.Restores.Count;
        await network.Serve(services, slices, TimeSpan.FromMilliseconds(20));
        await Task.Delay(500); // several comparisons with the kernel
        Assert.Equal([], network.Restores.Skip(written));
    }

    [Theory, MemberData(nameof(Backends))]
    public async Task Hundreds_of_services_are_loaded_changed_and_removed(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        var servers = network.Pods.Select(pod => TestServer.Tcp(pod, 8080)).ToList();
        var (services, slices) = Many(600);
        var proxier = await network.Serve(services, slices);
        Assert.Equal(backend == IptablesBackend.Legacy, network.Restores.Count == 1); // the nft back end takes large loads in parts
        Assert.Matches("pod[12] ", await TestClient.Ask(network.Node, "10.96.3.42", 80));

        await network.Update(proxier, services[1..2], slices);
        await Eventually(async () => (await network.Ours()).Split('\n').Count(line => line.StartsWith(":NA-SVC-")) is > 1 and var count ? $"{count} chains left" : null);
        Assert.Equal("pod1 10.244.1.3", await TestClient.Ask(network.Pods[1], "10.96.1.1", 80));
        servers.ForEach(server => server.Dispose());
    }

    /// <summary>All protocols, none to three endpoints; 10.96.1.0 and up.</summary>
    private static (List<KubeApi.Objects.Service>, List<KubeApi.Objects.EndpointSlice>) Many(int count)
    {
        string Protocol(int i) => (i % 7) switch { 3 => "UDP", 5 => "SCTP", _ => "TCP" };
        string[] Endpoints(int i) => [.. Enumerable.Range(0, i % 4).Select(PodAddress)];
        return (Enumerable.Range(0, count).Select(i => Service($"s{i}", $"10.96.{1 + i / 256}.{i % 256}", Protocol(i))).ToList(),
            Enumerable.Range(0, count).Select(i => Slice($"s{i}", Protocol(i), 8080, Endpoints(i))).ToList());
    }

    [Theory, MemberData(nameof(Backends))]
    public async Task The_back_end_that_holds_rules_is_found(IptablesBackend backend)
    {
        await using var network = await Create(backend);
        await network.Iptables("", null, "-A", "INPUT", "-p", "tcp", "-j", "ACCEPT");
        Assert.Equal(backend, await IptablesBackends.Detect(network.Node.TryRun));
        Assert.Equal("", (await network.Node.Run($"iptables-{(backend == IptablesBackend.Nft ? "legacy" : "nft")}-save", [])).Trim()); // the other stays empty
    }

    [Fact]
    public async Task A_held_lock_is_waited_for()
    {
        await using var network = await Create(IptablesBackend.Legacy);
        var proxier = await network.Serve([Service("s", Vip)], [Slice("s", 80, PodAddress(0))]);
        var before = network.Restores.Count;
        var holder = network.Node.Run("flock", [network.Node.LockFile, "sleep", "1"]);
        await Eventually(async () => (await network.Node.TryRun("flock", ["-n", network.Node.LockFile, "true"], null, default)).ExitCode == 0 ? "the lock is free" : null);
        await network.Update(proxier, [Service("s", Vip)], [Slice("s", 80, PodAddress(1))]);
        await holder;
        Assert.Equal(before + 1, network.Restores.Count); // no failure, no second try
    }
}
