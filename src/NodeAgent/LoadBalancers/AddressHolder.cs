using System.Net;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>Makes a link of the node have the addresses that are this node's, and tells the link so.</summary>
internal sealed class AddressHolder(NetworkNamespace inside, string node, Link link, Action<string> log)
{
    /// <summary>How long an answer to "who has it?" may take on a link.</summary>
    private static readonly TimeSpan ProbeWait = TimeSpan.FromMilliseconds(150);

    /// <summary>At which ticks after it began to hold an address a node says so: neighbours forget the old holder a second after they heard of it, and a frame may be lost.</summary>
    private static readonly int[] AnnounceAfter = [0, 1, 5, 10];

    /// <summary>So many ticks a node gives the others to begin, too, before it takes what would be theirs.</summary>
    public const int DoubtTicks = 2;

    private readonly Dictionary<IPAddress, int> announcing = [];

    private int held;

    /// <param name="view">With the addresses of this link alone.</param>
    /// <param name="settledFor">For how many ticks the node has known the others; until it does it leaves things as they are.</param>
    /// <returns>A machine whose agent is not heard answers for an address that would be this node's: look again soon.</returns>
    public bool Apply(ClusterView view, Others others, int settledFor)
    {
        using var socket = NetlinkSocket.OpenIn(inside);
        var present = LinkAddresses.Find(socket).Where(address => address.Link == link.Index).ToList();
        var wanted = view.Addresses.ToDictionary(address => address.Address);
        held = Drop(socket, present, address => wanted.ContainsKey(address) ? null : "no Service has it");
        if (settledFor <= 0) return false;

        var claims = wanted.Values.ToDictionary(address => address.Address, address => Election.Decide(address, node, others, view.Excluded));
        held = Drop(socket, present, address => claims[address] == Claim.None ? "another node does" : null);
        var missing = claims.Keys.Except(present.Select(address => address.Address)).Where(address => claims[address] != Claim.None).ToList();
        var doubtful = missing.Where(address => claims[address] == Claim.HoldIfUnanswered).ToList();
        var left = doubtful.Count == 0 ? [] : settledFor <= DoubtTicks ? doubtful.ToHashSet() : Probe(doubtful);
        held += Take(socket, [.. missing.Where(address => !left.Contains(address)).Select(address => wanted[address])]);
        return left.Count > 0;
    }

    private int Take(NetlinkSocket socket, IReadOnlyList<BalancedAddress> addresses)
    {
        if (addresses.Count == 0) return 0;
        LinkAddresses.Add(socket, link, addresses.Select(address => address.Address));
        foreach (var address in addresses)
        {
            announcing[address.Address] = 0;
            log($"answers for {address.Address} (Service {address.Service})");
        }
        Announce();
        return addresses.Count;
    }

    /// <summary>A node came back that may have answered for the same addresses meanwhile.</summary>
    public void AnnounceAgain()
    {
        foreach (var address in LinkAddresses.Find(inside).Where(address => address.Link == link.Index)) announcing.TryAdd(address.Address, 0);
    }

    /// <summary>A tick has passed.</summary>
    /// <returns>The node answers for an address.</returns>
    public bool Tick()
    {
        if (announcing.Count == 0) return held > 0;
        foreach (var (address, ticks) in announcing.ToList())
            if (ticks >= AnnounceAfter[^1]) announcing.Remove(address);
            else announcing[address] = ticks + 1;
        Announce();
        return held > 0;
    }

    private void Announce()
    {
        var due = announcing.Where(entry => AnnounceAfter.Contains(entry.Value)).Select(entry => entry.Key).ToList();
        if (due.Count == 0) return;
        using var arp = ArpSocket.Open(inside, link.Index, link.Address);
        foreach (var address in due) arp.Announce(address);
    }

    private HashSet<IPAddress> Probe(IReadOnlyCollection<IPAddress> addresses)
    {
        using var arp = ArpSocket.Open(inside, link.Index, link.Address);
        return [.. arp.Probe(addresses, ProbeWait)];
    }

    /// <summary>Takes away those for which there is a reason.</summary>
    /// <returns>How many are left; they alone stay in the list.</returns>
    private int Drop(NetlinkSocket socket, List<LinkAddress> addresses, Func<IPAddress, string?> why)
    {
        var dropped = addresses.Where(address => why(address.Address) is not null).ToList();
        LinkAddresses.Remove(socket, dropped);
        foreach (var address in dropped)
        {
            addresses.Remove(address);
            announcing.Remove(address.Address);
            log($"no longer answers for {address.Address}: {why(address.Address)}");
        }
        return addresses.Count;
    }
}
