using System.Net;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>
/// The addresses that this node answers for, on its link: /32 with a label by which they are known to be ours. The kernel answers ARP for them,
/// also while no agent runs. They are of host scope, so that the node never speaks in their name.
/// </summary>
internal static class LinkAddresses
{
    public const string Ending = ":na-lb";

    /// <summary>With the link's name in front, as ip(8) wants it, as far as there is room.</summary>
    public static string Label(string link) => link[..Math.Min(link.Length, Links.LongestName - Ending.Length)] + Ending;

    public static IReadOnlyList<LinkAddress> Find(NetworkNamespace node)
    {
        using var socket = NetlinkSocket.OpenIn(node);
        return Find(socket);
    }

    public static IReadOnlyList<LinkAddress> Find(NetlinkSocket socket) => [.. Addresses.List(socket).Where(IsOurs)];

    public static bool IsOurs(LinkAddress address) => address.Label?.EndsWith(Ending, StringComparison.Ordinal) == true;

    public static void Add(NetlinkSocket socket, Link link, IEnumerable<IPAddress> addresses)
    {
        var request = new NetlinkRequest();
        foreach (var address in addresses) request.AddAddress(new LinkAddress(link.Index, address, 32, Label(link.Name)), LibC.RT_SCOPE_HOST);
        if (request.Count > 0) socket.Execute(request);
    }

    /// <summary>What is gone already is fine.</summary>
    public static void Remove(NetlinkSocket socket, IEnumerable<LinkAddress> addresses)
    {
        var request = new NetlinkRequest();
        foreach (var address in addresses) request.DeleteAddress(address);
        if (request.Count > 0) socket.TryExecute(request);
    }

    /// <summary>Takes all of ours away.</summary>
    public static void Cleanup(NetworkNamespace node)
    {
        using var socket = NetlinkSocket.OpenIn(node);
        Remove(socket, Find(socket));
    }
}
