using System.Net;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>A link of the node on which it can answer ARP, and the networks behind it.</summary>
/// <param name="Address">The node's own there.</param>
internal sealed record NodeLink(Link Link, IPAddress Address, IReadOnlyList<IPNetwork> Networks)
{
    private const int HardwareAddressLength = 6;

    /// <summary>All: Ethernet links that are up and have a network. The lowest index first.</summary>
    public static IReadOnlyList<NodeLink> List(NetlinkSocket socket)
    {
        var addresses = Addresses.List(socket).Where(address => address.PrefixLength < 32 && !LinkAddresses.IsOurs(address)).ToLookup(address => address.Link);
        return [.. Links.List(socket).Where(CanAnswer).Where(link => addresses.Contains(link.Index)).OrderBy(link => link.Index).Select(link =>
            new NodeLink(link, addresses[link.Index].First().Address, [.. addresses[link.Index].Select(address => new IPNetwork(Base(address.Address, address.PrefixLength), address.PrefixLength)).Distinct()]))];
    }

    /// <summary>The link with the narrowest network that holds an address; null if none does.</summary>
    public static NodeLink? Of(IPAddress address, IReadOnlyList<NodeLink> links) =>
        links.SelectMany(link => link.Networks, (link, network) => (link, network)).Where(pair => pair.network.Contains(address)).OrderByDescending(pair => pair.network.PrefixLength).Select(pair => pair.link).FirstOrDefault();

    /// <summary>By what matters here of a link.</summary>
    public bool Equals(NodeLink? other) => other is not null && Identity == other.Identity && Address.Equals(other.Address) && Networks.SequenceEqual(other.Networks);

    public override int GetHashCode() => Link.Index;

    private (int Index, string Name, string HardwareAddress, bool Carrier) Identity => (Link.Index, Link.Name, $"{Link.Address}", Link.Carrier);

    private static bool CanAnswer(Link link) =>
        link.Up && (link.Flags & (LibC.IFF_LOOPBACK | LibC.IFF_NOARP)) == 0 && link.Address.GetAddressBytes().Length == HardwareAddressLength;

    private static IPAddress Base(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++) bytes[i] &= (byte)(0xff << Math.Clamp(8 * (i + 1) - length, 0, 8));
        return new IPAddress(bytes);
    }
}
