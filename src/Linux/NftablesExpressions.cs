using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Linux;

/// <summary>
/// The expressions of one rule, in the order in which they run, in the form in which the kernel itself prints them. Registers are 32 bits
/// wide, counted from 0; a field of several bytes fills one, a value of several fields the following ones too (linux/netfilter/nf_tables.h).
/// </summary>
public sealed class NftablesExpressions
{
    private const ushort Family = 2; // NFPROTO_IPV4
    private readonly List<NftablesExpression> list = [];

    public IReadOnlyList<NftablesExpression> List => list;

    /// <summary>Bytes of the IP header.</summary>
    public NftablesExpressions NetworkHeader(int offset, int length, int register = 0) => Payload(1, offset, length, register);

    /// <summary>Bytes of the TCP, UDP or SCTP header.</summary>
    public NftablesExpressions TransportHeader(int offset, int length, int register = 0) => Payload(2, offset, length, register);

    /// <summary>meta l4proto.</summary>
    public NftablesExpressions Protocol(int register = 0) => Add("meta", (2, Number(16)), (1, Register(register)));

    /// <summary>What conntrack knows: state 0, status 2, protocol 10, destination address 20, destination port 12.</summary>
    /// <param name="original">The direction is named, and is the original one.</param>
    public NftablesExpressions Conntrack(uint key, int register = 0, bool original = false) => original
        ? Add("ct", (1, Register(register)), (2, Number(key)), (3, [0])) : Add("ct", (1, Register(register)), (2, Number(key)));

    /// <summary>The type of the packet's source or destination address, as routing sees it.</summary>
    public NftablesExpressions AddressType(bool source, int register = 0) => Add("fib", (1, Register(register)), (2, Number(3)), (3, Number(source ? 1u : 2u)));

    /// <summary>A random number from <paramref name="offset"/> on.</summary>
    public NftablesExpressions Random(uint modulus, uint offset = 0, int register = 0) =>
        Add("numgen", (1, Register(register)), (2, Number(modulus)), (3, Number(1)), (4, Number(offset)));

    /// <summary>A number below <paramref name="modulus"/> that is always the same for the same bytes (Jenkins' hash): those of <paramref name="from"/>, into <paramref name="register"/>.</summary>
    /// <param name="length">How many bytes.</param>
    public NftablesExpressions Hash(int from, uint length, uint modulus, uint seed, int register = 0) =>
        Add("hash", (1, Register(from)), (2, Register(register)), (3, Number(length)), (4, Number(modulus)), (5, Number(seed)), (7, Number(0)));

    /// <summary>Goes on only if the registers hold a key of the set.</summary>
    public NftablesExpressions In(string set, int register = 0) => Add("lookup", (1, Name(set)), (2, Register(register)), (5, Number(0)));

    /// <summary>Goes on only if they hold a key of the map, whose data is then in the registers from <paramref name="into"/>.</summary>
    public NftablesExpressions Map(string map, int into, int register = 0) =>
        Add("lookup", (1, Name(map)), (2, Register(register)), (3, Register(into)), (5, Number(0)));

    /// <summary>As <see cref="In"/>; then goes where the map says.</summary>
    public NftablesExpressions VerdictMap(string map, int register = 0) =>
        Add("lookup", (1, Name(map)), (2, Register(register)), (3, Number(0)), (5, Number(0)));

    /// <summary>Goes on only if a register begins with these bytes, or does not.</summary>
    public NftablesExpressions Compare(ReadOnlySpan<byte> value, bool not = false, int register = 0) =>
        Add("cmp", (1, Register(register)), (2, Number(not ? 1u : 0u)), (3, Attribute(LibC.NFTA_DATA_VALUE, value)));

    public NftablesExpressions And(ReadOnlySpan<byte> mask, int register = 0) => Add("bitwise", (1, Register(register)), (2, Register(register)),
        (3, Number((uint)mask.Length)), (4, Attribute(LibC.NFTA_DATA_VALUE, mask)), (5, Attribute(LibC.NFTA_DATA_VALUE, new byte[mask.Length])));

    public NftablesExpressions Load(ReadOnlySpan<byte> value, int register) =>
        Add("immediate", (1, Register(register)), (2, Attribute(LibC.NFTA_DATA_VALUE, value)));

    /// <param name="code">NFT_GOTO, NF_DROP, …</param>
    public NftablesExpressions Verdict(int code, string? chain = null) =>
        Add("immediate", (1, Number(0)), (2, NftablesBatch.Verdict(code, chain)));

    /// <summary>Translates the destination to an address and a port in registers.</summary>
    public NftablesExpressions DestinationNat(int address, int port) => Add("nat", (1, Number(1)), (2, Number(Family)),
        (3, Register(address)), (4, Register(address)), (5, Register(port)), (6, Register(port)), (7, Number(3)));

    /// <summary>The source becomes an address of the interface by which the packet leaves, and a random port (fully-random).</summary>
    public NftablesExpressions Masquerade() => Add("masq", (1, Number(16)));

    /// <summary>A TCP reset.</summary>
    public NftablesExpressions Reset() => Add("reject", (1, Number(1)));

    /// <summary>ICMP port unreachable.</summary>
    public NftablesExpressions Unreachable() => Add("reject", (1, Number(0)), (2, [3]));

    /// <summary>Adds the key in a register to a set with a timeout, which begins anew if it is there already.</summary>
    public NftablesExpressions Update(string set, int register = 0) => Add("dynset", (1, Name(set)), (3, Number(1)), (4, Register(register)));

    /// <summary>No connection tracking for this packet.</summary>
    public NftablesExpressions NoTrack() => Add("notrack");

    private NftablesExpressions Payload(uint @base, int offset, int length, int register) =>
        Add("payload", (1, Register(register)), (2, Number(@base)), (3, Number((uint)offset)), (4, Number((uint)length)));

    private NftablesExpressions Add(string name, params ReadOnlySpan<(int Type, byte[] Value)> attributes)
    {
        list.Add(new(name, [.. attributes]));
        return this;
    }

    /// <summary>The first of each four has another name: registers were 16 bytes wide once, and 0 was the verdict.</summary>
    private static byte[] Register(int register) => Number((uint)(register % 4 == 0 ? 1 + register / 4 : 8 + register));

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Name(string name) => Encoding.ASCII.GetBytes(name + '\0');

    private static byte[] Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        var bytes = new byte[4 + NetlinkRequest.Align(value.Length)];
        MemoryMarshal.Write(bytes, new LibC.nlattr { nla_len = (ushort)(4 + value.Length), nla_type = type });
        value.CopyTo(bytes.AsSpan(4));
        return bytes;
    }
}

/// <summary>One expression: its name and attributes.</summary>
public sealed record NftablesExpression(string Name, IReadOnlyList<(int Type, byte[] Value)> Attributes)
{
    /// <summary>Whether the kernel's expression is this one. It may print more attributes, each kernel its own defaults.</summary>
    public bool Matches(NftablesExpression found) => found.Name == Name
        && Attributes.All(wanted => found.Attributes.Any(attribute => attribute.Type == wanted.Type && attribute.Value.AsSpan().SequenceEqual(wanted.Value)));
}
