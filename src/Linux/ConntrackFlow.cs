using System.Buffers.Binary;
using System.Net;

namespace Linux;

/// <summary>
/// One direction-independent view of a tracked IPv4 connection: where its first packet went before NAT, and who answers after NAT.
/// </summary>
public sealed record ConntrackFlow(ConntrackProtocol Protocol, IPAddress Destination, int DestinationPort, IPAddress ReplySource, int ReplySourcePort)
{
    /// <summary>The kernel's own words for this very connection (CTA_TUPLE_ORIG, CTA_ZONE, CTA_ID), by which it is deleted.</summary>
    internal ConntrackIdentity? Identity { get; init; }

    /// <summary>Whether something else answers than was called: its destination is translated.</summary>
    public bool IsTranslated => ReplySourcePort != DestinationPort || !ReplySource.Equals(Destination);

    /// <summary>Null for one without ports or of another family.</summary>
    internal static ConntrackFlow? Parse(NetlinkMessage message)
    {
        var attributes = message.Attributes<LibC.nfgenmsg>();
        if (attributes.Nested(LibC.CTA_TUPLE_ORIG) is not { } origin || attributes.Nested(LibC.CTA_TUPLE_REPLY) is not { } reply) return null;
        var (originIP, replyIP) = (origin.Nested(LibC.CTA_TUPLE_IP), reply.Nested(LibC.CTA_TUPLE_IP));
        var (originPort, replyPort) = (origin.Nested(LibC.CTA_TUPLE_PROTO), reply.Nested(LibC.CTA_TUPLE_PROTO));
        if (originIP?.Address(LibC.CTA_IP_V4_DST) is not { } destination || replyIP?.Address(LibC.CTA_IP_V4_SRC) is not { } source
            || originPort?.Byte(LibC.CTA_PROTO_NUM) is not { } protocol
            || Port(originPort.Value, LibC.CTA_PROTO_DST_PORT) is not { } port || Port(replyPort, LibC.CTA_PROTO_SRC_PORT) is not { } sourcePort) return null;
        return new((ConntrackProtocol)protocol, destination, port, source, sourcePort)
        {
            Identity = new(attributes.Bytes(LibC.CTA_TUPLE_ORIG)!, attributes.Bytes(LibC.CTA_ZONE), attributes.Bytes(LibC.CTA_ID)),
        };
    }

    private static int? Port(NetlinkAttributes? proto, ushort type) => proto?.Bytes(type) is { Length: 2 } value ? BinaryPrimitives.ReadUInt16BigEndian(value) : null;

    public override string ToString() => $"{Protocol} {Destination}:{DestinationPort} answered by {ReplySource}:{ReplySourcePort}".ToLowerInvariant();
}

/// <summary>IP protocol numbers of what has ports.</summary>
public enum ConntrackProtocol : byte { Tcp = 6, Udp = 17, Sctp = 132 }

/// <summary>
/// Attributes as they came. The id keeps a deletion from meaning a later connection with the same addresses, mostly: it is a hash of these
/// and of where in memory the entry lies, and that place may have been given to the later one. Then that one is tracked anew as well.
/// </summary>
/// <param name="Zone">Absent for the default zone.</param>
/// <param name="Id">Absent in kernels without.</param>
internal sealed record ConntrackIdentity(byte[] Origin, byte[]? Zone, byte[]? Id);
