using System.Net;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using ServiceMatrix;

namespace UnitTests.ServiceProxy;

/// <summary>The matrix of Services and vantage points, walked through the rules of each mode: what the kernel tests do with real connections.</summary>
public class MatrixTracingTests
{
    private static readonly IReadOnlyDictionary<int, ServiceTable> Tables = AddressPlan.Nodes.ToDictionary(node => node, node => ServiceTable.Of(
        MatrixService.All.Select(service => service.ToObject()), MatrixService.All.Select(service => service.ToSlice()), new NodeFacts
        {
            NodeName = $"node{node}", Zone = $"zone{node}", NodeAddress = IPAddress.Parse(AddressPlan.Node(node)), PodCidr = IPNetwork.Parse(AddressPlan.PodCidr(node)),
            ClusterCidr = IPNetwork.Parse(AddressPlan.ClusterCidr), ServiceCidr = IPNetwork.Parse(AddressPlan.ServiceCidr),
            NonMasqueradeCidrs = [.. AddressPlan.Nodes.Select(other => IPNetwork.Parse($"{AddressPlan.Node(other)}/32"))],
        }));

    private static readonly IReadOnlyDictionary<int, IptablesRules> Iptables = Tables.ToDictionary(table => table.Key, table => IptablesRenderer.Render(table.Value));

    /// <summary>What the tracers draw, for the end that they are to look for.</summary>
    private static int wanted, drawn;

    private static readonly IReadOnlyDictionary<int, PacketTracer> IptablesTracers = Iptables.ToDictionary(rules => rules.Key,
        rules => new PacketTracer(rules.Value, _ => drawn++ == wanted, [AddressPlan.Node(rules.Key), AddressPlan.Bridge(rules.Key)]));

    private static readonly IReadOnlyDictionary<int, NftablesTracer> NftablesTracers = Tables.ToDictionary(table => table.Key, table => new NftablesTracer(table.Value,
        [AddressPlan.Node(table.Key), AddressPlan.Bridge(table.Key)], among => { drawn = (int)among - 1; return (uint)Math.Min(wanted, (int)among - 1); }));

    public static TheoryData<string> Services => new(MatrixService.All.Select(service => service.Name));

    [Theory, MemberData(nameof(Services))]
    public void The_iptables_rules_lead_where_kubernetes_says(string service) => Check(service, ProxyMode.Iptables, cell => cell.Vantage == Vantage.Node
        ? IptablesTracers[cell.Entry].FromNode(cell.Source, cell.Address, cell.Port, cell.Protocol)
        : IptablesTracers[cell.Entry].Forwarded(cell.Source, cell.Address, cell.Port, cell.Protocol));

    [Theory, MemberData(nameof(Services))]
    public void The_nftables_rules_lead_where_kubernetes_says(string service) => Check(service, ProxyMode.Nftables, cell => cell.Vantage == Vantage.Node
        ? NftablesTracers[cell.Entry].FromNode(cell.Source, cell.Address, cell.Port, cell.Protocol)
        : NftablesTracers[cell.Entry].Forwarded(cell.Source, cell.Address, cell.Port, cell.Protocol));

    private static void Check(string name, ProxyMode mode, Func<Cell, string> trace)
    {
        var service = MatrixService.All.Single(service => service.Name == name);
        var wrong = Cell.Of(service).Select(cell => (Cell: cell, Wanted: Wanted(cell, mode), Ends: Ends(cell, trace))).Where(result => result.Wanted != result.Ends).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Select(result => $"{result.Cell}: expected {result.Wanted}, ends at {result.Ends}")));
    }

    /// <summary>All ends that there are, for any draw.</summary>
    private static string Ends(Cell cell, Func<Cell, string> trace)
    {
        var ends = new SortedSet<string>(StringComparer.Ordinal);
        for (wanted = 0, drawn = 0; wanted <= drawn && wanted < 100; wanted++)
        {
            drawn = 0;
            ends.Add(trace(cell) switch
            {
                "tcp-reset" or "icmp-port-unreachable" => "refused", "DROP" => "silence",
                var end when end.StartsWith($"{cell.Address}:", StringComparison.Ordinal) => Closed(cell),
                var end => end,
            });
        }
        return string.Join(", ", ends);
    }

    /// <summary>Not translated: a port of the node's at which nobody listens.</summary>
    private static string Closed(Cell cell) => cell.Protocol == "sctp" ? "silence" : "refused";

    private static string Wanted(Cell cell, ProxyMode mode) => Expectation.Of(cell, mode) switch
    {
        { Outcome: Outcome.Refused } => "refused", { Outcome: Outcome.Silent } => "silence",
        var served => string.Join(", ", served.Answers.Select(answer => End(cell, answer)).Order(StringComparer.Ordinal)),
    };

    /// <summary>"pod1a:9001 10.244.1.1" → "10.244.1.2:9001 masqueraded".</summary>
    private static string End(Cell cell, string answer)
    {
        var name = answer.Split(' ')[0].Split(':');
        var server = Server.All.Single(known => known.Name == name[0]);
        return $"{server.Address}:{name[1]}{(Expectation.StepsIn(cell, server) ? " masqueraded" : "")}";
    }
}
