using System.Net;
using Linux;
using static Linux.NftablesType;

namespace KernelTests.Linux;

/// <summary>Batches of nf_tables in a fresh namespace, seen by nft(8) and read back.</summary>
public sealed class NftablesTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("nftables-").FullName;
    private readonly PinnedNamespaces pins;
    private readonly NetworkNamespace space;
    private readonly NftablesSocket socket;

    public NftablesTests()
    {
        pins = new PinnedNamespaces(Path.Combine(directory, "net"));
        pins.Create();
        space = NetworkNamespace.Open(pins.Net);
        socket = new(space);
    }

    public void Dispose()
    {
        socket.Dispose();
        space.Dispose();
        pins.Remove();
        Directory.Delete(directory);
    }

    private Task<string> Nft(params string[] arguments) => CommandRunner.Run("nsenter", [$"--net={pins.Net}", "--", "nft", .. arguments]);

    private static readonly NftablesSet Frontends = new("frontends", Ipv4Address, Protocol, Service), Clients = new("clients", Ipv4Address) { Timeout = TimeSpan.FromSeconds(10), Size = 100 },
        Chains = new("chains", Protocol, Service) { Verdicts = true }, Pairs = new("pairs", [Ipv4Address, Protocol, Service], [Ipv4Address, Service]);

    private static NftablesValue Frontend(string address, int port) => NftablesValue.Of(NftablesValue.Field(IPAddress.Parse(address)), 6, NftablesValue.Field((ushort)port));

    private static NftablesElement Pair(string address, int port, string to, int toPort) =>
        new(Frontend(address, port), NftablesValue.Of(NftablesValue.Field(IPAddress.Parse(to)), NftablesValue.Field((ushort)toPort)));

    private static NftablesExpressions Translate => new NftablesExpressions().NetworkHeader(16, 4).Protocol(1).TransportHeader(2, 2, 2).Map("pairs", 0).DestinationNat(0, 1);

    private static readonly IReadOnlyList<NftablesExpressions> Every =
    [
        new NftablesExpressions().NetworkHeader(16, 4).Protocol(1).TransportHeader(2, 2, 2).In("frontends").Verdict(LibC.NFT_GOTO, "inner"),
        new NftablesExpressions().Protocol().TransportHeader(2, 2, 1).VerdictMap("chains"),
        new NftablesExpressions().Conntrack(0).And([8, 0, 0, 0]).Compare(new byte[4], not: true).Verdict(LibC.NFT_JUMP, "inner"),
        new NftablesExpressions().Conntrack(20, original: true).Compare([10, 0, 0, 1]).Verdict(LibC.NFT_RETURN),
        new NftablesExpressions().AddressType(source: true).Compare([2, 0, 0, 0], not: true).NetworkHeader(12, 2).Compare([10, 244]).Verdict(LibC.NF_DROP),
        new NftablesExpressions().Random(3).Compare(new byte[4]).Verdict(LibC.NF_ACCEPT),
        new NftablesExpressions().NetworkHeader(12, 4).Hash(0, 4, 3, 1).Compare([2, 0, 0, 0]).Verdict(LibC.NF_ACCEPT),
        new NftablesExpressions().Random(3, 0x80000000).Compare([1, 0, 0, 0x80]).Verdict(LibC.NF_ACCEPT),
        new NftablesExpressions().NetworkHeader(12, 4).Update("clients"),
        new NftablesExpressions().Protocol().Compare([6]).Reset(),
        new NftablesExpressions().Unreachable(),
        new NftablesExpressions().NoTrack(),
    ];

    private static NftablesBatch Table()
    {
        var batch = new NftablesBatch("t").AddTable().AddSet(Frontends).AddSet(Clients).AddSet(Chains).AddSet(Pairs)
            .AddChain("inner").AddChain("nat", new("nat", LibC.NF_INET_PRE_ROUTING, -100)).AddChain("out", new("nat", LibC.NF_INET_POST_ROUTING, 100))
            .AddChain("raw", new("filter", LibC.NF_INET_PRE_ROUTING, -300)).AddRule("nat", Translate).AddRule("out", new NftablesExpressions().Masquerade());
        foreach (var rule in Every) batch.AddRule("raw", rule);
        return batch.AddElements("frontends", [new(Frontend("10.96.0.1", 80), Comment: "default/web:http")])
            .AddElements("pairs", [Pair("10.96.0.1", 80, "10.244.1.2", 8080)]).AddElements("chains", [new(NftablesValue.Of(17, NftablesValue.Field(53)), Chain: "inner")]);
    }

    [Fact]
    public async Task What_a_batch_writes_is_what_nft_prints_and_takes_again()
    {
        socket.Commit(Table());
        var printed = await Nft("list", "ruleset");
        foreach (var line in (string[])["table ip t {", "elements = { 10.96.0.1 . tcp . 80 comment \"default/web:http\" }", "elements = { 10.96.0.1 . tcp . 80 : 10.244.1.2 . 8080 }",
            "elements = { udp . 53 : goto inner }", "type ipv4_addr", "size 100", "flags dynamic,timeout", "timeout 10s", "type nat hook prerouting priority dstnat; policy accept;",
            "type nat hook postrouting priority srcnat; policy accept;", "type filter hook prerouting priority raw; policy accept;",
            "dnat ip to ip daddr . meta l4proto . th dport map @pairs", "masquerade fully-random",
            "ip daddr . meta l4proto . th dport @frontends goto inner", "meta l4proto . th dport vmap @chains", "ct state new jump inner", "ct original ip daddr 10.0.0.1 return",
            "fib saddr type != local ip saddr 10.244.0.0/16 drop", "numgen random mod 3 0 accept", "jhash ip saddr mod 3 seed 0x1 2 accept", "update @clients { ip saddr }", "reject with tcp reset", "notrack"])
            Assert.Contains(line, printed);
        await Nft("flush", "ruleset");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, printed);
        await Nft("-f", file);
        File.Delete(file);
        Assert.Equal(printed, await Nft("list", "ruleset"));
    }

    [Fact]
    public void What_was_written_is_read_back_as_the_same()
    {
        Assert.False(socket.Exists("t"));
        Assert.Empty(socket.Rules("t"));
        Assert.Empty(socket.Elements("t", "pairs"));
        socket.Commit(Table());
        Assert.True(socket.Exists("t"));
        var sets = socket.Sets("t").ToDictionary(set => set.Name);
        Assert.Equal(4, sets.Count);
        foreach (var set in (NftablesSet[])[Frontends, Clients, Chains, Pairs]) Assert.True(set.Matches(sets[set.Name]), $"{sets[set.Name]}");
        Assert.False(Frontends.Matches(sets["pairs"]));
        Assert.Equal([new("inner", null, true), new("nat", new("nat", 0, -100), true), new("out", new("nat", 4, 100), true), new("raw", new("filter", 0, -300), true)],
            socket.Chains("t").OrderBy(chain => chain.Name, StringComparer.Ordinal));
        var rules = socket.Rules("t").ToLookup(rule => rule.Chain);
        Assert.All(Every.Zip(rules["raw"]), pair => Assert.True(pair.Second.Is(pair.First), string.Join("; ", pair.Second.Expressions)));
        Assert.Equal(Every.Count, rules["raw"].Count());
        Assert.True(rules["nat"].Single().Is(Translate));
        Assert.False(rules["nat"].Single().Is(Every[0]));
        Assert.Equal([Pair("10.96.0.1", 80, "10.244.1.2", 8080)], socket.Elements("t", "pairs"));
        Assert.Equal([new(Frontend("10.96.0.1", 80), Comment: "default/web:http")], socket.Elements("t", "frontends"));
        Assert.Equal("inner", socket.Elements("t", "chains").Single().Chain);
    }

    [Fact]
    public void A_refused_message_is_named_and_nothing_of_its_batch_is_done()
    {
        socket.Commit(Table());
        var generation = socket.Generation();
        var error = Assert.Throws<NetlinkException>(() => socket.Commit(new NftablesBatch("t").AddChain("more").DeleteElements("pairs", [Pair("10.96.0.9", 1, "1.1.1.1", 1)])
            .AddElements("pairs", [Pair("10.96.0.1", 80, "10.244.1.9", 8080)])));
        Assert.Contains(error.Failures, failure => failure.Errno == LibC.ENOENT && failure.What == "delete elements of ip t pairs");
        Assert.Contains(error.Failures, failure => failure.Errno == LibC.EEXIST && failure.What == "add elements of ip t pairs");
        Assert.DoesNotContain(socket.Chains("t"), chain => chain.Name == "more");
        Assert.Equal(generation, socket.Generation());
        Assert.Equal(LibC.EBUSY, Assert.Throws<NetlinkException>(() => socket.Commit(new NftablesBatch("t").DeleteSet("pairs"))).Errno);

        socket.Commit(new NftablesBatch("t").DeleteElements("pairs", [Pair("10.96.0.1", 80, "10.244.1.2", 8080)]).AddElements("pairs", [Pair("10.96.0.1", 80, "10.244.1.9", 8080)]));
        Assert.Equal([Pair("10.96.0.1", 80, "10.244.1.9", 8080)], socket.Elements("t", "pairs"));
        Assert.Equal(generation + 1, socket.Generation());
    }

    [Fact]
    public void A_hundred_thousand_elements_go_in_one_batch_and_come_back()
    {
        var elements = Enumerable.Range(0, 100_000).Select(i => new NftablesElement(NftablesValue.Of((uint)i, 6, NftablesValue.Field((ushort)(i % 60000))),
            NftablesValue.Of((uint)(i * 7), NftablesValue.Field((ushort)80)), Comment: i % 5 == 0 ? "default/web:http" : null)).ToList();
        socket.Commit(Table().AddElements("pairs", elements));
        Assert.Equal(elements.Count + 1, socket.Elements("t", "pairs").Count());
        Assert.Empty(elements.Except(socket.Elements("t", "pairs")));
        socket.Commit(new NftablesBatch("t").DeleteElements("pairs", elements));
        Assert.Single(socket.Elements("t", "pairs"));
        socket.Commit(new NftablesBatch("t").DeleteTable());
        Assert.False(socket.Exists("t"));
    }
}
