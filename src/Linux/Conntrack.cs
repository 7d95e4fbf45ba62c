using System.Buffers.Binary;
using System.Net;

namespace Linux;

/// <summary>Which connections to list: where their first packet went.</summary>
/// <param name="Destination">Null = any.</param>
/// <param name="DestinationPort">Null = any.</param>
public sealed record ConntrackFilter(ConntrackProtocol Protocol, IPAddress? Destination = null, int? DestinationPort = null)
{
    internal bool Matches(ConntrackFlow flow) => flow.Protocol == Protocol
        && (Destination is null || Destination.Equals(flow.Destination)) && (DestinationPort is null || DestinationPort == flow.DestinationPort);
}

/// <summary>The connection tracking table of a network namespace, IPv4, through ctnetlink.</summary>
/// <param name="inside">Null = this process' own.</param>
public sealed class Conntrack(NetworkNamespace? inside = null)
{
    /// <summary>Messages in one sendmsg: 100 bytes each, far below the socket's buffer.</summary>
    private const int DeletionsPerCall = 4096;

    /// <summary>Errors of kernels that cannot filter a dump, or not by these fields.</summary>
    private static readonly int[] NoFilter = [LibC.EINVAL, LibC.EOPNOTSUPP];

    /// <summary>Once refused, never asked for again; to be set for tests of the other way.</summary>
    internal bool Filters { get; set; } = true;

    /// <summary>The namespace whose connections are meant.</summary>
    public NetworkNamespace Namespace { get; } = inside ?? NetworkNamespace.Current;

    /// <summary>
    /// The connections that match. The kernel leaves out the others itself, where it can (CTA_FILTER, Linux 5.9): among 92,000 that is 28 ms
    /// instead of 213 ms. The table may change meanwhile: what is there all the time is listed.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<ConntrackFlow> List(ConntrackFilter filter)
    {
        var flows = new List<ConntrackFlow>();
        Read(filter, flows.Add);
        return flows;
    }

    /// <summary>
    /// Looks at all that match and forgets those that are <paramref name="unwanted"/>, in parts: a table of any size is never held whole.
    /// </summary>
    /// <returns>How many were forgotten.</returns>
    /// <exception cref="NetlinkException">The kernel refused, or some; the others are forgotten.</exception>
    public int Forget(ConntrackFilter filter, Func<ConntrackFlow, bool> unwanted)
    {
        var (some, forgotten) = (new List<ConntrackFlow>(), 0);
        Read(filter, flow =>
        {
            if (!unwanted(flow)) return;
            some.Add(flow);
            if (some.Count == DeletionsPerCall) Delete();
        });
        Delete();
        return forgotten;

        void Delete()
        {
            this.Delete(some);
            forgotten += some.Count;
            some.Clear();
        }
    }

    private void Read(ConntrackFilter filter, Action<ConntrackFlow> each)
    {
        using var socket = NetlinkSocket.OpenIn(Namespace, LibC.NETLINK_NETFILTER);
        void Look(NetlinkMessage message)
        {
            if (ConntrackFlow.Parse(message) is { } flow && filter.Matches(flow)) each(flow);
        }
        try { socket.Dump(Request(Filters ? filter : null), Look); }
        catch (NetlinkException refused) when (Filters && NoFilter.Contains(refused.Errno))
        {
            Filters = false;
            socket.Dump(Request(null), Look);
        }
    }

    /// <param name="filter">Null = all IPv4 connections.</param>
    internal static NetlinkRequest Request(ConntrackFilter? filter)
    {
        var request = new NetlinkRequest().Message(LibC.IPCTNL_MSG_CT_GET, LibC.NLM_F_DUMP, new LibC.nfgenmsg { nfgen_family = LibC.AF_INET }, "list connections");
        if (filter is null) return request;
        var flags = LibC.CTA_FILTER_PROTO_NUM | (filter.Destination is null ? 0 : LibC.CTA_FILTER_IP_DST) | (filter.DestinationPort is null ? 0 : LibC.CTA_FILTER_PROTO_DST_PORT);
        request.Nested(LibC.CTA_TUPLE_ORIG, tuple =>
        {
            if (filter.Destination is { } address) tuple.Nested(LibC.CTA_TUPLE_IP, ip => ip.Attribute(LibC.CTA_IP_V4_DST, address));
            tuple.Nested(LibC.CTA_TUPLE_PROTO, proto =>
            {
                proto.Attribute(LibC.CTA_PROTO_NUM, (byte)filter.Protocol);
                if (filter.DestinationPort is { } port) proto.Attribute(LibC.CTA_PROTO_DST_PORT, BigEndian(port));
            });
        });
        return request.Nested(LibC.CTA_FILTER, nest => nest.Attribute(LibC.CTA_FILTER_ORIG_FLAGS, flags).Attribute(LibC.CTA_FILTER_REPLY_FLAGS, 0u));
    }

    private static byte[] BigEndian(int port)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)port);
        return bytes;
    }

    /// <summary>Forgets these connections, as <see cref="List"/> gave them; those that are gone already are fine. Their next packet is a new one.</summary>
    /// <exception cref="NetlinkException">The kernel refused some; the others are forgotten.</exception>
    public void Delete(IReadOnlyCollection<ConntrackFlow> flows)
    {
        if (flows.Count == 0) return;
        using var socket = NetlinkSocket.OpenIn(Namespace, LibC.NETLINK_NETFILTER);
        foreach (var some in flows.Chunk(DeletionsPerCall))
        {
            var request = new NetlinkRequest();
            foreach (var flow in some)
            {
                var identity = flow.Identity ?? throw new ArgumentException($"{flow} is not from the kernel");
                request.Message(LibC.IPCTNL_MSG_CT_DELETE, 0, new LibC.nfgenmsg { nfgen_family = LibC.AF_INET }, $"forget {flow}")
                    .Attribute(LibC.CTA_TUPLE_ORIG | LibC.NLA_F_NESTED, identity.Origin);
                if (identity.Zone is { } zone) request.Attribute(LibC.CTA_ZONE, zone);
                if (identity.Id is { } id) request.Attribute(LibC.CTA_ID, id);
            }
            var failures = socket.TryExecute(request).Where(failure => failure.Errno != LibC.ENOENT).ToList();
            if (failures.Count > 0) throw new NetlinkException(failures);
        }
    }
}
