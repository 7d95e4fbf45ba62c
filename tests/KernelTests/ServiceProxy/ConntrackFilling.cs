using System.Buffers.Binary;
using System.Net;
using Linux;

namespace KernelTests.ServiceProxy;

/// <summary>Made-up flows in a namespace's connection tracking table, by ctnetlink: conntrack(8) would need a process for each.</summary>
internal static class ConntrackFilling
{
    /// <summary>The flows' destination port.</summary>
    public const int Port = 9;

    private const ushort CtaTimeout = 7, CtaStatus = 3;
    private const int Batch = 4096, Assured = 1 << 2, SeenReply = 1 << 1, Confirmed = 1 << 3;

    /// <summary>Until the kernel takes no more, for which it must have been asked <paramref name="most"/> times and some.</summary>
    public static void Fill(NetworkNamespace inside, int most)
    {
        using var socket = NetlinkSocket.OpenIn(inside, LibC.NETLINK_NETFILTER);
        for (var at = 0; at <= most + Batch; at += Batch)
        {
            var request = new NetlinkRequest();
            for (var i = at; i < at + Batch; i++) Add(request, i);
            if (socket.TryExecute(request).Count > 0) return;
        }
        throw new InvalidOperationException($"the kernel took {most} flows and more");
    }

    /// <summary>Of a client of its own, assured: the kernel drops no such flow for another.</summary>
    private static void Add(NetlinkRequest request, int number)
    {
        var (client, server) = (new IPAddress([100, 64, (byte)(number >> 8), (byte)number]), new IPAddress([100, 65, (byte)(number >> 24), (byte)(number >> 16)]));
        request.Message(LibC.IPCTNL_MSG_CT_NEW, LibC.NLM_F_CREATE | LibC.NLM_F_EXCL, new LibC.nfgenmsg { nfgen_family = LibC.AF_INET }, "add a flow");
        Tuple(request, LibC.CTA_TUPLE_ORIG, client, server, 4000, Port);
        Tuple(request, LibC.CTA_TUPLE_REPLY, server, client, Port, 4000);
        request.Attribute(CtaTimeout, BigEndian(600)).Attribute(CtaStatus, BigEndian(Assured | SeenReply | Confirmed));
    }

    private static void Tuple(NetlinkRequest request, ushort type, IPAddress source, IPAddress destination, int sourcePort, int destinationPort) => request.Nested(type, tuple =>
    {
        tuple.Nested(LibC.CTA_TUPLE_IP, ip => ip.Attribute(LibC.CTA_IP_V4_SRC, source).Attribute(LibC.CTA_IP_V4_DST, destination));
        tuple.Nested(LibC.CTA_TUPLE_PROTO, proto => proto.Attribute(LibC.CTA_PROTO_NUM, (byte)17)
            .Attribute(LibC.CTA_PROTO_SRC_PORT, BigEndian(sourcePort)[2..]).Attribute(LibC.CTA_PROTO_DST_PORT, BigEndian(destinationPort)[2..]));
    });

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
