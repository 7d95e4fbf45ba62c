using System.Buffers.Binary;
using System.Text;

namespace Linux;

/// <summary>
/// Changes of one IPv4 table of nf_tables, for <see cref="NftablesSocket.Commit"/>: all or nothing, and no packet sees a part of it. In the
/// order in which they are added: what a message names must be there by then.
/// </summary>
public sealed class NftablesBatch(string table)
{
    private const byte Family = 2; // NFPROTO_IPV4

    /// <summary>An attribute's length has 16 bits, and the elements of a message are within one.</summary>
    private const int ElementBytes = 60_000;

    private const int NameLimit = 255, CommentLimit = 127;
    private static readonly LibC.nfgenmsg Frame = new() { res_id = BinaryPrimitives.ReverseEndianness(LibC.NFNL_SUBSYS_NFTABLES) };
    private uint setId;

    internal NetlinkRequest Request { get; } = new NetlinkRequest().Message(LibC.NFNL_MSG_BATCH_BEGIN, 0, Frame, "begin a batch");

    /// <summary>How many messages there are; one has some thousand elements.</summary>
    public int Count => Request.Count - 1;

    /// <summary>To be called once, at the end.</summary>
    internal NetlinkRequest Finish() => Request.Message(LibC.NFNL_MSG_BATCH_END, 0, Frame, $"commit changes of table ip {table}");

    public NftablesBatch AddTable()
    {
        Message(LibC.NFT_MSG_NEWTABLE, LibC.NLM_F_CREATE, $"add table ip {table}").Attribute(LibC.NFTA_TABLE_NAME, table);
        return this;
    }

    public NftablesBatch DeleteTable()
    {
        Message(LibC.NFT_MSG_DELTABLE, 0, $"delete table ip {table}").Attribute(LibC.NFTA_TABLE_NAME, table);
        return this;
    }

    /// <param name="hook">Null = a chain that others lead to.</param>
    /// <exception cref="SystemCallException">On commit, EEXIST.</exception>
    public NftablesBatch AddChain(string name, NftablesHook? hook = null)
    {
        Message(LibC.NFT_MSG_NEWCHAIN, LibC.NLM_F_CREATE | LibC.NLM_F_EXCL, $"add chain ip {table} {name}")
            .Attribute(LibC.NFTA_CHAIN_TABLE, table).Attribute(LibC.NFTA_CHAIN_NAME, Name(name));
        if (hook is null) return this;
        Request.Nested(LibC.NFTA_CHAIN_HOOK, nest => nest.Attribute(LibC.NFTA_HOOK_HOOKNUM, BigEndian(hook.Number)).Attribute(LibC.NFTA_HOOK_PRIORITY, BigEndian((uint)hook.Priority)))
            .Attribute(LibC.NFTA_CHAIN_POLICY, BigEndian(LibC.NF_ACCEPT)).Attribute(LibC.NFTA_CHAIN_TYPE, hook.Type);
        return this;
    }

    /// <summary>An empty chain that nothing leads to: EBUSY otherwise.</summary>
    public NftablesBatch DeleteChain(string name)
    {
        Message(LibC.NFT_MSG_DELCHAIN, 0, $"delete chain ip {table} {name}").Attribute(LibC.NFTA_CHAIN_TABLE, table).Attribute(LibC.NFTA_CHAIN_NAME, name);
        return this;
    }

    /// <summary>Deletes a chain's rules.</summary>
    public NftablesBatch Flush(string chain)
    {
        Message(LibC.NFT_MSG_DELRULE, 0, $"flush chain ip {table} {chain}").Attribute(LibC.NFTA_RULE_TABLE, table).Attribute(LibC.NFTA_RULE_CHAIN, chain);
        return this;
    }

    /// <summary>Adds a rule at a chain's end.</summary>
    public NftablesBatch AddRule(string chain, NftablesExpressions rule)
    {
        Message(LibC.NFT_MSG_NEWRULE, LibC.NLM_F_CREATE | LibC.NLM_F_APPEND, $"add rule ip {table} {chain}")
            .Attribute(LibC.NFTA_RULE_TABLE, table).Attribute(LibC.NFTA_RULE_CHAIN, chain)
            .Nested(LibC.NFTA_RULE_EXPRESSIONS, nest =>
            {
                foreach (var expression in rule.List) nest.Nested(LibC.NFTA_LIST_ELEM, inner => Expression(inner, expression));
            });
        return this;
    }

    private static void Expression(NetlinkRequest nest, NftablesExpression expression) => nest.Attribute(LibC.NFTA_EXPR_NAME, expression.Name)
        .Nested(LibC.NFTA_EXPR_DATA, data =>
        {
            foreach (var (type, value) in expression.Attributes) data.Attribute((ushort)type, value.AsSpan());
        });

    public NftablesBatch AddSet(NftablesSet set)
    {
        Message(LibC.NFT_MSG_NEWSET, LibC.NLM_F_CREATE | LibC.NLM_F_EXCL, $"add set ip {table} {set.Name}")
            .Attribute(LibC.NFTA_SET_TABLE, table).Attribute(LibC.NFTA_SET_NAME, Name(set.Name)).Attribute(LibC.NFTA_SET_FLAGS, BigEndian(set.Flags))
            .Attribute(LibC.NFTA_SET_KEY_TYPE, BigEndian(set.KeyType)).Attribute(LibC.NFTA_SET_KEY_LEN, BigEndian((uint)set.KeyLength))
            .Attribute(LibC.NFTA_SET_ID, BigEndian(++setId));
        if (set.Data.Count > 0 || set.Verdicts)
            Request.Attribute(LibC.NFTA_SET_DATA_TYPE, BigEndian(set.DataType)).Attribute(LibC.NFTA_SET_DATA_LEN, BigEndian((uint)set.DataLength));
        if (set.Timeout is { } timeout)
        {
            var milliseconds = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(milliseconds, (long)timeout.TotalMilliseconds);
            Request.Attribute(LibC.NFTA_SET_TIMEOUT, milliseconds).Nested(LibC.NFTA_SET_DESC, nest => nest.Attribute(LibC.NFTA_SET_DESC_SIZE, BigEndian((uint)set.Size)));
        }
        if (set.UserData.Length > 0) Request.Attribute(LibC.NFTA_SET_USERDATA, set.UserData.Span);
        return this;
    }

    /// <summary>A set that no rule looks into: EBUSY otherwise.</summary>
    public NftablesBatch DeleteSet(string name)
    {
        Message(LibC.NFT_MSG_DELSET, 0, $"delete set ip {table} {name}").Attribute(LibC.NFTA_SET_TABLE, table).Attribute(LibC.NFTA_SET_NAME, name);
        return this;
    }

    /// <summary>EEXIST if there is one with such a key that leads elsewhere; where it is just there, nothing happens.</summary>
    public NftablesBatch AddElements(string set, IEnumerable<NftablesElement> elements) => Elements(LibC.NFT_MSG_NEWSETELEM, LibC.NLM_F_CREATE, "add", set, elements);

    /// <summary>By their keys; ENOENT if there is none.</summary>
    public NftablesBatch DeleteElements(string set, IEnumerable<NftablesElement> elements) => Elements(LibC.NFT_MSG_DELSETELEM, 0, "delete", set, elements);

    private NftablesBatch Elements(ushort type, ushort flags, string verb, string set, IEnumerable<NftablesElement> elements)
    {
        using var rest = elements.GetEnumerator();
        for (var more = rest.MoveNext(); more;)
        {
            Message(type, flags, $"{verb} elements of ip {table} {set}").Attribute(LibC.NFTA_SET_ELEM_LIST_TABLE, table).Attribute(LibC.NFTA_SET_ELEM_LIST_SET, set);
            var list = Request.Begin(LibC.NFTA_SET_ELEM_LIST_ELEMENTS);
            for (; more && Request.Length - list < ElementBytes; more = rest.MoveNext()) Element(rest.Current, type == LibC.NFT_MSG_NEWSETELEM);
            Request.End(list);
        }
        return this;
    }

    private void Element(in NftablesElement element, bool whole)
    {
        var start = Request.Begin(LibC.NFTA_LIST_ELEM);
        Value(LibC.NFTA_SET_ELEM_KEY, element.Key);
        if (whole)
        {
            if (element.Chain is { } chain) Request.Attribute(LibC.NFTA_SET_ELEM_DATA | LibC.NLA_F_NESTED, Verdict(LibC.NFT_GOTO, chain));
            else if (element.Data.Count > 0) Value(LibC.NFTA_SET_ELEM_DATA, element.Data);
            if (element.Comment is { } comment) Request.Attribute(LibC.NFTA_SET_ELEM_USERDATA, Comment(comment));
        }
        Request.End(start);
    }

    private void Value(ushort type, in NftablesValue value)
    {
        var start = Request.Begin(type);
        Span<byte> bytes = stackalloc byte[4 * value.Count];
        value.Write(bytes);
        Request.Attribute(LibC.NFTA_DATA_VALUE, bytes).End(start);
    }

    /// <summary>nft's own wrapping: type 0, length, text with its closing zero.</summary>
    private static byte[] Comment(string comment)
    {
        var text = Encoding.UTF8.GetBytes(comment.Length > CommentLimit ? comment[..CommentLimit] : comment);
        return [0, (byte)(text.Length + 1), .. text, 0];
    }

    /// <summary>NFTA_DATA_VERDICT with its content.</summary>
    internal static byte[] Verdict(int code, string? chain)
    {
        var name = chain is null ? [] : Encoding.ASCII.GetBytes(chain + '\0');
        var inner = 8 + (chain is null ? 0 : 4 + NetlinkRequest.Align(name.Length));
        var bytes = new byte[4 + inner];
        Head(bytes, 4 + (chain is null ? 8 : 8 + 4 + NetlinkRequest.Align(name.Length)), LibC.NFTA_DATA_VERDICT);
        Head(bytes.AsSpan(4), 8, LibC.NFTA_VERDICT_CODE);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), code);
        if (chain is null) return bytes;
        Head(bytes.AsSpan(12), 4 + name.Length, LibC.NFTA_VERDICT_CHAIN);
        name.CopyTo(bytes.AsSpan(16));
        return bytes;
    }

    private static void Head(Span<byte> at, int length, ushort type)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(at[2..], type);
    }

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static string Name(string name) => name.Length <= NameLimit ? name : throw new ArgumentException($"{name}: longer than the {NameLimit} characters of a name");

    private NetlinkRequest Message(ushort type, int flags, string what) =>
        Request.Message((ushort)((LibC.NFNL_SUBSYS_NFTABLES << 8) | type), flags, new LibC.nfgenmsg { nfgen_family = Family }, what);
}

/// <summary>Where packets enter a base chain.</summary>
/// <param name="Type">nat or filter.</param>
/// <param name="Number">NF_INET_PRE_ROUTING, …</param>
/// <param name="Priority">Lower ones come first; iptables' nat has -100 for destinations and 100 for sources.</param>
public sealed record NftablesHook(string Type, uint Number, int Priority);
