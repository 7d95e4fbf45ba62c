using KubeApi.Objects;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

/// <summary>What is written when something changes.</summary>
public class IptablesChangeTests
{
    private static readonly Service[] Services = [Service("a", "10.96.0.17", Port(80)), Service("b", "10.96.0.18", Port(80))];
    private static readonly EndpointSlice A = Slice("a", 80, Ready("10.244.1.2")), B = Slice("b", 80, Ready("10.244.1.3"));

    [Fact]
    public void Nothing_is_written_where_only_a_version_changed()
    {
        var next = Render(Services.Select(service => service with { Metadata = service.Metadata with { ResourceVersion = "999" } }), [A, B]);
        Assert.Empty(IptablesRules.Between(Render(Services, [A, B]), next).Texts);
    }

    [Fact]
    public void A_changed_endpoint_rewrites_the_chain_of_its_service_alone()
    {
        var (texts, _) = IptablesRules.Between(Render(Services, [A, B]), Render(Services, [A, Slice("b", 80, Ready("10.244.1.3"), Ready("10.244.1.4"))]));
        var chain = ChainName.Of("NA-SVC-", "default/b:80/tcp");
        Assert.Equal($"""
            *nat
            :{chain} - [0:0]
            -A {chain} -p tcp -m statistic --mode random --probability 0.50000000000 -j DNAT --to-destination 10.244.1.3:80
            -A {chain} -p tcp -j DNAT --to-destination 10.244.1.4:80
            COMMIT

            """, Assert.Single(texts));
    }

    [Fact]
    public void A_new_service_rewrites_its_chain_and_its_bucket_alone()
    {
        var (texts, _) = IptablesRules.Between(Render(Services, [A, B]), Render([.. Services, Service("c", "10.96.1.17", Port(80))], [A, B, Slice("c", 80, Ready("10.244.1.4"))]));
        Assert.Equal(["NA-R-11", "NA-B-11", "NA-SVC"], Assert.Single(texts).Split('\n').Where(line => line.StartsWith(':')).Select(line => line[1..8].TrimEnd('-')));
    }

    [Fact]
    public void A_chain_is_removed_one_change_after_its_last_reference_went()
    {
        var (first, result) = IptablesRules.Between(Render(Services, [A, B]), Render(Services[..1], [A]));
        Assert.DoesNotContain("-X", Assert.Single(first));
        Assert.True(result.HasLeftovers(Render(Services[..1], [A])));

        var (second, end) = IptablesRules.Between(result, Render(Services[..1], [A]));
        var chain = ChainName.Of("NA-SVC-", "default/b:80/tcp");
        Assert.Equal($"*nat\n:NA-B-12 - [0:0]\n:NA-B-2 - [0:0]\n:{chain} - [0:0]\n-X NA-B-12\n-X NA-B-2\n-X {chain}\nCOMMIT\n"
            + "*filter\n:NA-R-12 - [0:0]\n:NA-R-2 - [0:0]\n-X NA-R-12\n-X NA-R-2\nCOMMIT\n", Assert.Single(second));
        Assert.Empty(IptablesRules.Between(end, Render(Services[..1], [A])).Texts);
    }

    [Fact]
    public void A_chain_that_is_wanted_again_before_its_removal_stays()
    {
        var (_, without) = IptablesRules.Between(Render(Services, [A, B]), Render(Services[..1], [A]));
        var (texts, _) = IptablesRules.Between(without, Render(Services, [A, B]));
        Assert.Equal([":NA-R - [0:0]", ":NA-B - [0:0]"], Assert.Single(texts).Split('\n').Where(line => line.StartsWith(':')));
        Assert.DoesNotContain("-X", texts[0]);
    }

    [Fact]
    public void A_service_is_refused_before_it_loses_its_rules_and_until_it_has_them_again()
    {
        var (served, refused) = (Render(Services, [A, B]), Render(Services, [A]));
        string[] Order(string text) => text.Split('\n').Where(line => line.StartsWith('*') || line.Contains("no endpoints")).Select(line => line.Split(' ')[0]).ToArray();
        Assert.Equal(["*filter", "-A", "*nat"], Order(Assert.Single(IptablesRules.Between(served, refused).Texts)));
        Assert.Equal(["*nat", "*filter"], Order(Assert.Single(IptablesRules.Between(refused, served).Texts)));
        // a loses, b gets: both are refused meanwhile; b was already
        Assert.Equal(["*filter", "-A", "*nat", "*filter"], Order(Assert.Single(IptablesRules.Between(Render(Services, [A]), Render(Services, [B])).Texts)));
    }

    [Fact]
    public void A_missing_jump_is_inserted_and_a_surplus_one_deleted()
    {
        var wanted = Render([], []);
        var doubled = wanted with { Nat = wanted.Nat with { Jumps = [wanted.Nat.Jumps[0], wanted.Nat.Jumps[0], wanted.Nat.Jumps[2]] } };
        Assert.Equal($"*nat\n-I OUTPUT {wanted.Nat.Jumps[1].Rule.Text}\n-D PREROUTING {wanted.Nat.Jumps[0].Rule.Text}\nCOMMIT\n",
            Assert.Single(IptablesRules.Between(doubled, wanted).Texts));
    }

    [Fact]
    public void A_large_load_is_split_with_the_dispatch_last()
    {
        var services = Enumerable.Range(0, 450).Select(i => Service($"s{i}", $"10.96.{i / 250}.{i % 250}", Port(80))).ToList();
        var slices = services.Select(service => Slice(service.Name, 80, Ready("10.244.2.2"))).ToList();
        var nat = IptablesRules.Between(IptablesRules.Empty, Render(services, slices), 200).Texts.Where(text => text.StartsWith("*nat")).ToList();
        Assert.Equal(5, nat.Count);
        Assert.All(nat[..4], text => Assert.InRange(Chains(text).Length, 1, 200));
        var known = new HashSet<string>();
        foreach (var text in nat)
        {
            known.UnionWith(Chains(text));
            // Nothing leads to what is not there yet.
            Assert.All(text.Split('\n').Where(line => line.Contains(" -j NA-")), line => Assert.Contains(line[(line.LastIndexOf(' ') + 1)..], known));
        }
        Assert.Contains("-I PREROUTING", nat[4]);

        static string[] Chains(string text) => [.. text.Split('\n').Where(line => line.StartsWith(':')).Select(line => line[1..line.IndexOf(' ')])];
    }

    [Fact]
    public void What_is_read_from_the_kernel_is_ours_alone_and_equal_to_what_was_rendered()
    {
        var wanted = Render(Services, [A]);
        string Saved(IptablesTable table) => $"# Generated\n*{table.Name}\n:PREROUTING ACCEPT [3:4]\n:DOCKER - [0:0]\n"
            + string.Concat(table.Chains.Keys.Select(chain => $":{chain} - [0:0]\n"))
            + "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n-A DOCKER -m comment --comment \"-j NA-SERVICES\" -j RETURN\n"
            + string.Concat(table.Lines().Select(entry => entry.Line + "\n")) + "COMMIT\n# Completed\n";
        var observed = new IptablesRules(IptablesSave.Parse("nat", Saved(wanted.Nat)), IptablesSave.Parse("filter", Saved(wanted.Filter)));
        Assert.Empty(IptablesRules.Between(observed, wanted).Texts);
        Assert.True(observed.HasRulesOf(wanted));
        Assert.Equal(3, observed.Nat.Jumps.Count);
    }
}
