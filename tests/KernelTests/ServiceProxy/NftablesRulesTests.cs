using System.Net;
using KubeApi.Objects;
using Linux;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>The nftables mode's table in the kernel, also as nft(8) sees it.</summary>
public class NftablesRulesTests
{
    private static readonly NodeFacts Node = Facts with { NodeAddress = IPAddress.Parse("192.168.56.11"), NonMasqueradeCidrs = [IPNetwork.Parse("192.168.56.12/32"), IPNetwork.Parse("172.20.0.0/15")] };

    private static ServiceTable Table(NodeFacts facts, params string[] endpoints)
    {
        var services = FrontendRulesTests.EveryKind().ToList();
        return ServiceTable.Of(services, services.Select(service => Slice(service.Name, service.Spec!.Ports![0].Protocol!, 80, endpoints)), facts);
    }

    private static async Task Unite(NftablesBackEnd backEnd, ServiceTable table)
    {
        await backEnd.Compare(table, write: true, default);
        while (backEnd.HasLeftovers) await backEnd.Apply(table, TableChanges.None, default);
    }

    private static async Task<string> Drift(ServiceNetwork network, ServiceTable table)
    {
        using var other = (NftablesBackEnd)network.BackEnd();
        return string.Join('\n', await other.Compare(table, write: false, default));
    }

    [Fact]
    public async Task The_kernel_and_nft_print_everything_as_it_was_written_and_take_it_back()
    {
        await using var network = await Create(RuleMode.Nftables);
        using var backEnd = (NftablesBackEnd)network.BackEnd();
        await network.Iptables("", null, "-A", "FORWARD", "-j", "ACCEPT");
        string[][] pods = [[PodAddress(0), PodAddress(1), RemotePod], [], [RemotePod], [.. Enumerable.Range(2, 11).Select(i => $"10.244.1.{i}")]];
        foreach (var endpoints in pods)
            foreach (var facts in (NodeFacts[])[Node, Node with { NodePortAddresses = [IPNetwork.Parse("192.168.56.0/24"), IPNetwork.Parse("0.0.0.0/0")] }])
            {
                var table = Table(facts, endpoints);
                await Unite(backEnd, table);
                Assert.Equal("", await Drift(network, table));
                Assert.DoesNotContain(await backEnd.State(table, default), line => line.ApiObject == "no object");
                Assert.DoesNotContain(await backEnd.State(null, default), line => line.ApiObject == "no object");

                var printed = await network.Node.Run("nft", ["list", "table", "ip", "na"]);
                var known = (await backEnd.State(table, default)).Select(line => line.KernelObject).Where(line => line.StartsWith("rule ip na ")).Select(line => line.Split(' ', 5)[4]).ToHashSet();
                Assert.Equal([], known.Except(Lines(printed)));
                // Out, and back in by the program.
                await network.Node.Run("nft", ["-f", "-"], $"delete table ip na\n{printed}");
                Assert.Equal("", await Drift(network, table));
                Assert.Equal(printed, await network.Node.Run("nft", ["list", "table", "ip", "na"]));
            }
        await backEnd.Cleanup(default);
        Assert.DoesNotContain("na", (await network.Node.Run("nft", ["list", "tables"])).Split([' ', '\n']));
        Assert.DoesNotContain("NA-", await network.Ours());
    }

    private static IEnumerable<string> Lines(string printed) => printed.Split('\n').Select(line => line.Trim());
}
