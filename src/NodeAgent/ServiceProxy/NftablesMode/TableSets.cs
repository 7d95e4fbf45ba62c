using Linux;
using static Linux.NftablesType;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>The sets and maps of the table that belong to no single Service.</summary>
internal static class TableSets
{
    /// <summary>Addresses with frontends; among them the clusterIPs.</summary>
    public const string Vips = "vips", ClusterIps = "cluster-ips";

    /// <summary>This node's pods, each as source and destination at once.</summary>
    public const string Hairpin = "hairpin";

    /// <summary>Other nodes: they see pods' own addresses.</summary>
    public const string Nodes = "nodes";

    /// <summary>Frontends with loadBalancerSourceRanges → the chain that looks at them.</summary>
    public const string Firewall = "fe-firewall";

    /// <summary>
    /// How nft(8) remembers the types of a map that was declared "typeof KEY . numgen random mod 2 : ip daddr . th dport" (its own
    /// userdata, as nft 1.0.6 writes it): the type of a random number has no name in its language, and could not be fed back otherwise.
    /// </summary>
    private const string Prelude = "000400000000010400000000", IndexAndData = "1a0004170000000112000401000000010402000000020400000000043400040d000000012c0014000407000000010c00040c00000001040c0000000114000407000000010c00040b000000010402000000060400000000";

    private static readonly byte[]
        AddressMapTypes = Convert.FromHexString(Prelude + "036000040d00000001580014000407000000010c00040c00000001040c000000010e00040900000001060004100000000214000407000000010c00040b00000001040200000003" + IndexAndData),
        NodePortMapTypes = Convert.FromHexString(Prelude + "034a00040d0000000142000e00040900000001060004100000000114000407000000010c00040b00000001040200000002" + IndexAndData);

    private static readonly IReadOnlyList<NftablesSet> Static =
    [
        new(Vips, Ipv4Address), new(ClusterIps, Ipv4Address), new(Hairpin, Ipv4Address, Ipv4Address), new(Nodes, Ipv4Address),
        new(Firewall, [.. FrontendForm.Address.Key]) { Verdicts = true },
        .. FrontendForm.Both.SelectMany(Of),
    ];

    private static IEnumerable<NftablesSet> Of(FrontendForm form)
    {
        NftablesType[] key = [.. form.Key];
        yield return new(form.Endpoints, [.. key, Integer], [Ipv4Address, Service]) { UserData = form == FrontendForm.Address ? AddressMapTypes : NodePortMapTypes };
        foreach (var name in (string[])[form.Masquerade, form.ExternalLocal, form.Refuse, form.Drop]) yield return new(name, key);
        yield return new(form.Affinity(local: false), key) { Verdicts = true };
        yield return new(form.Affinity(local: true), key) { Verdicts = true };
    }

    public static IEnumerable<NftablesSet> All(IEnumerable<UsedClass> classes) => Static.Concat(classes.Select(Of));

    public static NftablesSet Of(UsedClass used) => new(used.Form.Class(used.Local, used.Size), [.. used.Form.Key]);
}
