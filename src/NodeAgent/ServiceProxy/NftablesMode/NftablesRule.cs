using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Linux;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>A rule as nft(8) prints it and as the kernel takes it, written side by side. Equal when the texts are.</summary>
internal sealed class NftablesRule
{
    private const int Source = 12, Destination = 16, AddressLength = 4;
    private static readonly byte[] Local = [2, 0, 0, 0]; // RTN_LOCAL, in host order
    private readonly List<string> words = [];

    public NftablesExpressions Expressions { get; } = new();

    public override string ToString() => string.Join(' ', words);

    public NftablesRule From(IPNetwork network, bool not = false) => Network("saddr", Source, network, not);
    public NftablesRule To(IPNetwork network, bool not = false) => Network("daddr", Destination, network, not);

    /// <summary>Compares the bytes of the prefix; a prefix within a byte needs a mask. All of IPv4 needs nothing.</summary>
    private NftablesRule Network(string field, int offset, IPNetwork network, bool not)
    {
        if (network.PrefixLength == 0) return not ? throw new ArgumentException("no address is outside of 0.0.0.0/0") : this;
        Word($"ip {field}{(not ? " !=" : "")} {(network.PrefixLength == 32 ? $"{network.BaseAddress}" : $"{network}")}");
        var bytes = network.BaseAddress.GetAddressBytes();
        if (network.PrefixLength % 8 == 0)
        {
            var length = network.PrefixLength / 8;
            Expressions.NetworkHeader(offset, length).Compare(bytes.AsSpan(0, length), not);
            return this;
        }
        var mask = new byte[AddressLength];
        BinaryPrimitives.WriteUInt32BigEndian(mask, uint.MaxValue << (32 - network.PrefixLength));
        Expressions.NetworkHeader(offset, AddressLength).And(mask).Compare(bytes, not);
        return this;
    }

    public NftablesRule FromLocal(bool not = false) => AddressType("saddr", true, not);
    public NftablesRule ToLocal() => AddressType("daddr", false, false);

    private NftablesRule AddressType(string field, bool source, bool not)
    {
        Expressions.AddressType(source).Compare(Local, not);
        return Word($"fib {field} type {(not ? "!= " : "")}local");
    }

    public NftablesRule From(string set)
    {
        Expressions.NetworkHeader(Source, AddressLength).In(set);
        return Word($"ip saddr @{set}");
    }

    public NftablesRule To(string set)
    {
        Expressions.NetworkHeader(Destination, AddressLength).In(set);
        return Word($"ip daddr @{set}");
    }

    /// <summary>The pair of source and destination.</summary>
    public NftablesRule FromTo(string set)
    {
        Expressions.NetworkHeader(Source, AddressLength).NetworkHeader(Destination, AddressLength, 1).In(set);
        return Word($"ip saddr . ip daddr @{set}");
    }

    /// <summary>The frontend that the packet names.</summary>
    public NftablesRule In(FrontendForm form, string set)
    {
        var text = Key(form);
        Expressions.In(set);
        return Word($"{text} @{set}");
    }

    /// <summary>Goes to the chain that a map has for its frontend.</summary>
    public NftablesRule GotoBy(FrontendForm form, string map)
    {
        var text = Key(form);
        Expressions.VerdictMap(map);
        return Word($"{text} vmap @{map}");
    }

    /// <summary>The frontend that the connection was made to, before translation. nft knows a port's type only after the protocol's name.</summary>
    public NftablesRule Originally(string protocol, FrontendForm form, string set)
    {
        Expressions.Protocol().Compare([Protocols.Number(protocol)]);
        var at = 0;
        if (form == FrontendForm.Address) Expressions.Conntrack(20, at++, original: true);
        Expressions.Protocol(at++).Conntrack(12, at, original: true).In(set);
        return Word($"meta l4proto {protocol} {(form == FrontendForm.Address ? "ct original ip daddr . " : "")}meta l4proto . ct original proto-dst @{set}");
    }

    public NftablesRule OriginallyTo(string set)
    {
        Expressions.Conntrack(20, original: true).In(set);
        return Word($"ct original ip daddr @{set}");
    }

    /// <summary>Translates to one of the frontend's endpoints; goes on if there is none by the index that was drawn.</summary>
    /// <param name="offset">Of the indexes.</param>
    public NftablesRule ToEndpoint(FrontendForm form, uint among, uint offset)
    {
        var text = Key(form);
        Expressions.Random(among, offset, form.Key.Count).Map(form.Endpoints, 0).DestinationNat(0, 1);
        return Word($"dnat ip to {text} . numgen random mod {among}{(offset > 0 ? $" offset {offset}" : "")} map @{form.Endpoints}");
    }

    public NftablesRule ToEndpoint(string protocol, IPAddress address, int port)
    {
        Expressions.Protocol().Compare([Protocols.Number(protocol)])
            .Load(address.GetAddressBytes(), 0).Load([(byte)(port >> 8), (byte)port], 4).DestinationNat(0, 4); // nft's own registers
        return Word($"meta l4proto {protocol} dnat to {address}:{port.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>One of so many equal shares of all clients; which one is fixed by a client's address, on every node alike.</summary>
    public NftablesRule FromShare(uint share, uint of)
    {
        const uint seed = 1; // without one the kernel makes up another for every rule
        Expressions.NetworkHeader(Source, AddressLength, 4).Hash(4, AddressLength, of, seed).Compare(BitConverter.GetBytes(share)); // nft's own registers
        return Word($"jhash ip saddr mod {of} seed 0x{seed:x} {share}");
    }

    /// <summary>Remembers the client.</summary>
    public NftablesRule Remember(string set)
    {
        Expressions.NetworkHeader(Source, AddressLength).Update(set);
        return Word($"update @{set} {{ ip saddr }}");
    }

    public NftablesRule New() => Conntrack("state new", 0, 8);
    public NftablesRule Invalid() => Conntrack("state invalid", 0, 1);

    /// <summary>Its destination has been translated.</summary>
    public NftablesRule Translated() => Conntrack("status dnat", 2, 0x20);

    private NftablesRule Conntrack(string text, uint key, byte bit)
    {
        Expressions.Conntrack(key).And([bit, 0, 0, 0]).Compare(new byte[4], not: true);
        return Word($"ct {text}");
    }

    public NftablesRule Protocol(string protocol)
    {
        Expressions.Protocol().Compare([Protocols.Number(protocol)]);
        return Word($"meta l4proto {protocol}");
    }

    public NftablesRule Jump(string chain) => Verdict(LibC.NFT_JUMP, $"jump {chain}", chain);
    public NftablesRule Goto(string chain) => Verdict(LibC.NFT_GOTO, $"goto {chain}", chain);
    public NftablesRule Drop() => Verdict(LibC.NF_DROP, "drop", null);
    public NftablesRule Return() => Verdict(LibC.NFT_RETURN, "return", null);

    private NftablesRule Verdict(int code, string text, string? chain)
    {
        Expressions.Verdict(code, chain);
        return Word(text);
    }

    public NftablesRule Masquerade()
    {
        Expressions.Masquerade();
        return Word("masquerade fully-random");
    }

    public NftablesRule Reset()
    {
        Expressions.Protocol().Compare([Protocols.Number("tcp")]).Reset();
        return Word("reject with tcp reset");
    }

    public NftablesRule Reject()
    {
        Expressions.Unreachable();
        return Word("reject");
    }

    private string Key(FrontendForm form)
    {
        var at = 0;
        if (form == FrontendForm.Address) Expressions.NetworkHeader(Destination, AddressLength, at++);
        Expressions.Protocol(at++).TransportHeader(2, 2, at);
        return form == FrontendForm.Address ? "ip daddr . meta l4proto . th dport" : "meta l4proto . th dport";
    }

    private NftablesRule Word(string word)
    {
        words.Add(word);
        return this;
    }
}
