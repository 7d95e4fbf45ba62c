namespace Linux;

/// <summary>
/// nf_tables of one network namespace, by nfnetlink: commits changes of tables, and reads one back. Without the nft program, which takes
/// milliseconds to start and reads all rulesets first.
/// </summary>
/// <param name="inside">Null = this process' own.</param>
public sealed class NftablesSocket(NetworkNamespace? inside = null) : IDisposable
{
    private const byte Family = 2; // NFPROTO_IPV4

    private readonly NetlinkSocket socket = NetlinkSocket.OpenIn(inside ?? NetworkNamespace.Current, LibC.NETLINK_NETFILTER);

    /// <summary>In one transaction.</summary>
    /// <exception cref="NetlinkException">Refused: nothing was done.</exception>
    public void Commit(NftablesBatch batch)
    {
        if (batch.Count > 0) socket.Commit(batch.Finish());
    }

    /// <summary>The number of the ruleset's version: one more after every transaction of anybody in this namespace.</summary>
    public uint Generation() => socket.Get(Request(LibC.NFT_MSG_GETGEN, 0, "ask for the generation"))
        .Attributes<LibC.nfgenmsg>().BigEndian(LibC.NFTA_GEN_ID) ?? 0;

    /// <summary>Whether there is such an IPv4 table; in a kernel without nf_tables there is none.</summary>
    public bool Exists(string table)
    {
        try
        {
            socket.Get(Request(LibC.NFT_MSG_GETTABLE, 0, $"look for table ip {table}").Attribute(LibC.NFTA_TABLE_NAME, table));
            return true;
        }
        catch (NetlinkException none) when (none.Errno is LibC.ENOENT or LibC.EINVAL or LibC.EOPNOTSUPP) { return false; }
    }

    public IReadOnlyList<NftablesSetDump> Sets(string table) =>
        [.. Dump(Request(LibC.NFT_MSG_GETSET, LibC.NLM_F_DUMP, $"list sets of table ip {table}").Attribute(LibC.NFTA_SET_TABLE, table))
            .Where(set => set.Text(LibC.NFTA_SET_TABLE) == table).Select(set => new NftablesSetDump(set.Text(LibC.NFTA_SET_NAME)!,
                set.BigEndian(LibC.NFTA_SET_FLAGS) ?? 0, (int)(set.BigEndian(LibC.NFTA_SET_KEY_LEN) ?? 0), set.BigEndian(LibC.NFTA_SET_DATA_TYPE) ?? 0,
                (int)(set.BigEndian(LibC.NFTA_SET_DATA_LEN) ?? 0), TimeSpan.FromMilliseconds(set.BigEndianLong(LibC.NFTA_SET_TIMEOUT) ?? 0)))];

    public IReadOnlyList<NftablesChainDump> Chains(string table) =>
        [.. Dump(Request(LibC.NFT_MSG_GETCHAIN, LibC.NLM_F_DUMP, $"list chains of table ip {table}").Attribute(LibC.NFTA_CHAIN_TABLE, table))
            .Where(chain => chain.Text(LibC.NFTA_CHAIN_TABLE) == table).Select(Chain)];

    private static NftablesChainDump Chain(NetlinkAttributes chain)
    {
        var hook = chain.Nested(LibC.NFTA_CHAIN_HOOK) is { } nest ? new NftablesHook(chain.Text(LibC.NFTA_CHAIN_TYPE)!,
            nest.BigEndian(LibC.NFTA_HOOK_HOOKNUM) ?? 0, (int)(nest.BigEndian(LibC.NFTA_HOOK_PRIORITY) ?? 0)) : null;
        return new(chain.Text(LibC.NFTA_CHAIN_NAME)!, hook, (chain.BigEndian(LibC.NFTA_CHAIN_POLICY) ?? LibC.NF_ACCEPT) == LibC.NF_ACCEPT);
    }

    /// <summary>Chain by chain, in order.</summary>
    public IReadOnlyList<NftablesRuleDump> Rules(string table) =>
        [.. Dump(Request(LibC.NFT_MSG_GETRULE, LibC.NLM_F_DUMP, $"list rules of table ip {table}").Attribute(LibC.NFTA_RULE_TABLE, table))
            .Where(rule => rule.Text(LibC.NFTA_RULE_TABLE) == table).Select(rule => new NftablesRuleDump(rule.Text(LibC.NFTA_RULE_CHAIN)!,
                rule.BigEndianLong(LibC.NFTA_RULE_HANDLE) ?? 0, [.. List(rule.Nested(LibC.NFTA_RULE_EXPRESSIONS)).Select(Expression)]))];

    private static NftablesExpression Expression(NetlinkAttributes expression) => new(expression.Text(LibC.NFTA_EXPR_NAME) ?? "",
        [.. (expression.Nested(LibC.NFTA_EXPR_DATA) ?? default).All().Select(attribute => ((int)attribute.Type, attribute.Value.ToArray()))]);

    /// <summary>
    /// All of them. Elements whose key has another form than ours are left out. While the kernel grows or shrinks the set's hash table, which it does
    /// some time after a change, a dump tells some elements twice and others not at all (net/netfilter/nft_set_hash.c, nft_rhash_walk): it is read again then.
    /// </summary>
    public IReadOnlyList<NftablesElement> Elements(string table, string set)
    {
        const int tries = 50;
        for (var attempt = 1; ; attempt++)
        {
            List<NftablesElement> read = [.. Dump(Request(LibC.NFT_MSG_GETSETELEM, LibC.NLM_F_DUMP, $"list elements of ip {table} {set}")
                .Attribute(LibC.NFTA_SET_ELEM_LIST_TABLE, table).Attribute(LibC.NFTA_SET_ELEM_LIST_SET, set))
                .SelectMany(message => List(message.Nested(LibC.NFTA_SET_ELEM_LIST_ELEMENTS))).Select(Element).OfType<NftablesElement>()];
            List<NftablesElement> once = [.. read.DistinctBy(element => element.Key)];
            if (once.Count == read.Count || attempt == tries) return once;
            Thread.Sleep(10);
        }
    }

    private static NftablesElement? Element(NetlinkAttributes element)
    {
        if (element.Nested(LibC.NFTA_SET_ELEM_KEY)?.Memory(LibC.NFTA_DATA_VALUE) is not { } key || NftablesValue.Read(key.Span) is not { } read) return null;
        var data = element.Nested(LibC.NFTA_SET_ELEM_DATA);
        return new(read, data?.Memory(LibC.NFTA_DATA_VALUE) is { } value ? NftablesValue.Read(value.Span) ?? default : default,
            data?.Nested(LibC.NFTA_DATA_VERDICT)?.Text(LibC.NFTA_VERDICT_CHAIN),
            element.Memory(LibC.NFTA_SET_ELEM_USERDATA) is { Length: > 3 } comment ? System.Text.Encoding.UTF8.GetString(comment.Span[2..]).TrimEnd('\0') : null);
    }

    private static IEnumerable<NetlinkAttributes> List(NetlinkAttributes? list) =>
        (list ?? default).All().Where(entry => entry.Type == LibC.NFTA_LIST_ELEM).Select(entry => new NetlinkAttributes(entry.Value));

    /// <summary>A table that is not there has nothing.</summary>
    private IEnumerable<NetlinkAttributes> Dump(NetlinkRequest request)
    {
        try { return socket.Dump(request).Select(message => message.Attributes<LibC.nfgenmsg>()); }
        catch (NetlinkException none) when (none.Errno == LibC.ENOENT) { return []; }
    }

    private static NetlinkRequest Request(ushort type, ushort flags, string what) => new NetlinkRequest()
        .Message((ushort)((LibC.NFNL_SUBSYS_NFTABLES << 8) | type), flags, new LibC.nfgenmsg { nfgen_family = Family }, what);

    public void Dispose() => socket.Dispose();
}

/// <param name="Hook">Null for one that others lead to.</param>
/// <param name="Accepts">Its policy.</param>
public sealed record NftablesChainDump(string Name, NftablesHook? Hook, bool Accepts);

/// <summary>A rule as the kernel has it.</summary>
/// <param name="Handle">As <c>nft -a</c> prints it.</param>
public sealed record NftablesRuleDump(string Chain, ulong Handle, IReadOnlyList<NftablesExpression> Expressions)
{
    /// <summary>Whether it is that rule.</summary>
    public bool Is(NftablesExpressions rule) =>
        rule.List.Count == Expressions.Count && rule.List.Zip(Expressions).All(pair => pair.First.Matches(pair.Second));
}
