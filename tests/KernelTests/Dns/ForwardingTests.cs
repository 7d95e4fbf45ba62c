using KernelTests.ServiceProxy;

namespace KernelTests.Dns;

/// <summary>Names that are not the cluster's go to the node's name servers, over real sockets.</summary>
public class ForwardingTests
{
    private const string Second = "192.0.2.54";

    private static async Task<DnsNetwork> Network(string resolvConf)
    {
        var network = await DnsNetwork.Create([]);
        await network.Outside.Ip($"address add {Second}/24 dev eth1\n");
        File.WriteAllText(network.ResolvConf, resolvConf);
        await Task.Delay(1100); // the file is looked at once a second
        return network;
    }

    [Fact]
    public async Task An_answer_is_passed_on_with_the_clients_spelling_and_kept()
    {
        await using var network = await Network($"nameserver {DnsNetwork.Upstream}\n");
        using var upstream = new UpstreamServer(network.Outside, DnsNetwork.Upstream);
        Assert.Matches(@"WwW\.Example\.\s+\d+\s+IN\s+A\s+192\.0\.2\.53", await network.DigFully("WwW.Example"));
        for (var i = 0; i < 5; i++) Assert.Equal(DnsNetwork.Upstream, await network.Dig("www.example"));
        Assert.Equal(1, upstream.Asked);
    }

    [Fact]
    public async Task What_was_cut_is_fetched_by_TCP()
    {
        await using var network = await Network($"nameserver {DnsNetwork.Upstream}\n");
        using var upstream = new UpstreamServer(network.Outside, DnsNetwork.Upstream);
        Assert.Equal(100, (await network.Dig("long.example")).Split('\n').Length);
        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task A_silent_server_and_a_failing_one_are_passed_over()
    {
        await using var network = await Network($"nameserver {DnsNetwork.Upstream}\nnameserver {Second}\n");
        using var second = new UpstreamServer(network.Outside, Second);
        Assert.Equal(Second, await network.Dig("www.example")); // nobody is at the first address
        using var first = new UpstreamServer(network.Outside, DnsNetwork.Upstream);
        Assert.Contains("status: SERVFAIL", await network.DigFully("fails.example"));
        Assert.Contains("status: NXDOMAIN", await network.DigFully("missing.example"));
    }

    [Fact]
    public async Task Without_a_server_or_with_none_but_itself_the_answer_is_SERVFAIL_and_a_new_file_counts()
    {
        await using var network = await Network($"nameserver {DnsNetwork.Address}\n");
        Assert.Contains("status: SERVFAIL", await network.DigFully("www.example"));
        using var upstream = new UpstreamServer(network.Outside, DnsNetwork.Upstream);
        File.WriteAllText(network.ResolvConf, $"nameserver {DnsNetwork.Upstream}\n");
        await ServiceNetwork.Eventually(async () => await network.Dig("www.example") == DnsNetwork.Upstream ? null : "the new file is not used");
    }

    [Fact]
    public async Task The_same_question_of_many_is_sent_once_and_a_server_that_never_answers_holds_up_no_other_name()
    {
        await using var network = await Network($"nameserver {DnsNetwork.Upstream}\n");
        using var upstream = new UpstreamServer(network.Outside, DnsNetwork.Upstream);
        var slow = Enumerable.Range(0, 10).Select(_ => network.DigFully("slow.example")).ToList();
        await ServiceNetwork.Eventually(() => Task.FromResult(upstream.Asked > 0 ? null : "nobody asked"));
        Assert.Equal("10.96.0.10", await network.Dig("ns.dns.cluster.local"));
        foreach (var answer in await Task.WhenAll(slow)) Assert.Contains("status: SERVFAIL", answer);
        Assert.Equal(1, upstream.Asked);
    }
}
