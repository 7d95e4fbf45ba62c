using System.Net;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>The link that has the node's address, and the network behind it.</summary>
internal sealed record NodeLink(Link Link, IPNetwork Network)
{
    /// <returns>Null while no link has the address.</returns>
    public static NodeLink? Find(NetlinkSocket socket, IPAddress node)
    {
        if (Addresses.List(socket).FirstOrDefault(address => address.Address.Equals(node)) is not { } own) return null;
        var link = Links.List(socket).FirstOrDefault(link => link.Index == own.Link);
        return link is null ? null : new NodeLink(link, new IPNetwork(Base(node, own.PrefixLength), own.PrefixLength));
    }

    private static IPAddress Base(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++) bytes[i] &= (byte)(0xff << Math.Clamp(8 * (i + 1) - length, 0, 8));
        return new IPAddress(bytes);
    }
}
