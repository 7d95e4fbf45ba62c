using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text;

namespace NodeAgent.PodNetwork;

/// <summary>By these our things in the kernel are known, also to an agent that has just started; what has none of them is never touched.</summary>
internal static class Marks
{
    public const string Bridge = "na0";

    /// <summary>
    /// A veth pair whose first end is always a port: a bridge without one has no carrier, and when the first pod comes the kernel may take a second
    /// to notice (linkwatch handles such events once a second) and drops what the node sends to that pod until then. (A dummy link would do, but not every kernel has the module.)
    /// </summary>
    public const string CarrierPort = "na0-carrier", CarrierEnd = "na0-carrier-end";

    /// <summary>Indexes of ours, below those of the pod links.</summary>
    public const int CarrierIndex = 0xfffffe, CarrierEndIndex = 0xffffff;

    /// <summary>The VXLAN device, where a node needs one; its number (VNI) is the same on all nodes.</summary>
    public const string Overlay = "na-vxlan";
    public const uint OverlayId = 7310;
    public const int OverlayIndex = 0xfffffd;

    public const string PodLinkPrefix = "nav";
    public const string PodInterface = "eth0";

    /// <summary>The link group of every pod link: one number by which all of them can be deleted at once.</summary>
    public const uint LinkGroup = 7310;

    /// <summary>Links about to be deleted are moved here first.</summary>
    public const uint OrphanGroup = 7311;

    /// <summary>rtm_protocol of our routes; not in /etc/iproute2/rt_protos.</summary>
    public const byte RouteProtocol = 80;

    /// <summary>IFALIASZ less the closing zero (linux/if.h).</summary>
    private const int LongestAlias = 255;

    /// <summary>The node's end of a pod's veth pair: "nav" and 8 hex digits of the uid's SHA-256.</summary>
    public static string PodLink(string uid) =>
        PodLinkPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uid)).AsSpan(0, 4));

    /// <summary>"namespace/pod/uid"; a pod name too long for it loses its end, never the uid.</summary>
    public static string Alias(string podNamespace, string name, string uid)
    {
        var room = LongestAlias - podNamespace.Length - uid.Length - 2;
        return $"{podNamespace}/{(name.Length > room ? name[..room] : name)}/{uid}";
    }

    /// <returns>Null for anything but "namespace/pod/uid".</returns>
    public static (string Namespace, string Name, string Uid)? ParseAlias(string? alias) =>
        alias?.Split('/') is [{ Length: > 0 } space, { Length: > 0 } name, { Length: > 0 } uid] ? (space, name, uid) : null;

    /// <summary>0a:58 and the four bytes of the address: nobody has to remember or ask for it.</summary>
    public static PhysicalAddress Mac(IPAddress address) => new([0x0a, 0x58, .. address.GetAddressBytes()]);

    /// <summary>As ip(8) prints it: 0a:58:0a:f4:00:02.</summary>
    public static string Text(PhysicalAddress mac) => string.Join(':', mac.GetAddressBytes().Select(part => part.ToString("x2")));

    /// <returns>Null for a MAC of another form.</returns>
    public static IPAddress? AddressOf(PhysicalAddress mac) =>
        mac.GetAddressBytes() is [0x0a, 0x58, .. { Length: 4 } address] ? new IPAddress(address) : null;

    /// <summary>The first usable address of a podCIDR: the bridge's.</summary>
    public static IPAddress Gateway(IPNetwork podCidr) => Offset(podCidr, 1);

    public static IPAddress Offset(IPNetwork network, uint offset)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes) + offset);
        return new IPAddress(bytes);
    }
}
