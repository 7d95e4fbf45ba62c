using System.Net;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>Makes the node's link have the addresses that are this node's, and tells the link so.</summary>
internal sealed class AddressHolder(NetworkNamespace inside, string node, Action<string> log)
{
    /// <summary>How long an answer to "who has it?" may take on a link.</summary>
    private static readonly TimeSpan ProbeWait = TimeSpan.FromMilliseconds(150);

    /// <summary>At which ticks after it began to hold an address a node says so: neighbours forget the old holder a second after they heard of it, and a frame may be lost.</summary>
    private static readonly int[] AnnounceAfter = [0, 1, 5, 10];

    /// <summary>So many ticks a node gives the others to begin, too, before it takes what would be theirs.</summary>
    public const int DoubtTicks = 2;

    private readonly Dictionary<IPAddress, int> announcing = [];

    /// <param name="settledFor">For how many ticks the node has known the others; until it does it leaves things as they are.</param>
    /// <returns>A machine whose agent is not heard answers for an address that would be this node's: look again soon.</returns>
    public bool Apply(NodeLink link, ClusterView view, Others others, int settledFor)
    {
        using var socket = NetlinkSocket.OpenIn(inside);
        var present = LinkAddresses.Find(socket);
        var onLink = view.Addresses.Where(address => link.Network.Contains(address.Address)).DistinctBy(address => address.Address).ToDictionary(address => address.Address);
        Drop(socket, present.Where(held => held.Link != link.Link.Index || !onLink.ContainsKey(held.Address)).ToList(), "no Service has it");
        if (settledFor <= 0) return false;

        var claims = onLink.Values.ToDictionary(address => address.Address, address => Election.Decide(address, node, others, view.Excluded));
        Drop(socket, present.Where(held => held.Link == link.Link.Index && claims.TryGetValue(held.Address, out var claim) && claim == Claim.None).ToList(), "another node does");
        var missing = claims.Keys.Except(present.Where(held => held.Link == link.Link.Index).Select(held => held.Address)).ToList();
        var doubtful = missing.Where(address => claims[address] == Claim.HoldIfUnanswered).ToList();
        var left = doubtful.Count == 0 ? [] : settledFor <= DoubtTicks ? doubtful.ToHashSet() : Probe(link.Link, doubtful);
        Take(socket, link.Link, [.. missing.Where(address => claims[address] != Claim.None && !left.Contains(address)).Select(address => onLink[address])]);
        return left.Count > 0;
    }

    private void Take(NetlinkSocket socket, Link link, IReadOnlyList<BalancedAddress> addresses)
    {
        if (addresses.Count == 0) return;
        LinkAddresses.Add(socket, link, addresses.Select(address => address.Address));
        foreach (var address in addresses)
        {
            announcing[address.Address] = 0;
            log($"answers for {address.Address} (Service {address.Service})");
        }
        Announce(link);
    }

    /// <summary>A node came back that may have answered for the same addresses meanwhile.</summary>
    public void AnnounceAgain()
    {
        foreach (var address in LinkAddresses.Find(inside)) announcing.TryAdd(address.Address, 0);
    }

    /// <summary>A tick has passed.</summary>
    public void Tick(Link link)
    {
        if (announcing.Count == 0) return;
        foreach (var (address, ticks) in announcing.ToList())
            if (ticks >= AnnounceAfter[^1]) announcing.Remove(address);
            else announcing[address] = ticks + 1;
        Announce(link);
    }

    private void Announce(Link link)
    {
        var due = announcing.Where(entry => AnnounceAfter.Contains(entry.Value)).Select(entry => entry.Key).ToList();
        if (due.Count == 0) return;
        using var arp = ArpSocket.Open(inside, link.Index, link.Address);
        foreach (var address in due) arp.Announce(address);
    }

    private HashSet<IPAddress> Probe(Link link, IReadOnlyCollection<IPAddress> addresses)
    {
        using var arp = ArpSocket.Open(inside, link.Index, link.Address);
        return [.. arp.Probe(addresses, ProbeWait)];
    }

    private void Drop(NetlinkSocket socket, List<LinkAddress> addresses, string why)
    {
        LinkAddresses.Remove(socket, addresses);
        foreach (var address in addresses)
        {
            announcing.Remove(address.Address);
            log($"no longer answers for {address.Address}: {why}");
        }
    }
}
