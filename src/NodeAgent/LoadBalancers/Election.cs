using System.Net;
using System.Text;

namespace NodeAgent.LoadBalancers;

/// <summary>What a node does about an address.</summary>
internal enum Claim
{
    /// <summary>Another node answers for it, or none can.</summary>
    None,

    /// <summary>This node answers for it.</summary>
    Hold,

    /// <summary>
    /// A node that fell silent a moment ago would answer for it, and this one is next: take it if nobody answers. A machine whose agent alone
    /// is away, e.g. for an update, serves on, and moving its addresses would break connections.
    /// </summary>
    HoldIfUnanswered,
}

/// <summary>The other nodes of the link, by their hellos.</summary>
/// <param name="Alive">They can hold addresses.</param>
/// <param name="Silent">They could until a moment ago, or are about to.</param>
/// <param name="Unheard">There are others, of whom none was ever heard: something may be in the way of hellos.</param>
internal sealed record Others(IReadOnlyList<string> Alive, IReadOnlyList<string> Silent, bool Unheard = false);

/// <summary>
/// Which node answers for an address: every node computes it for itself and comes to the same. Rendezvous hashing: the addresses spread over
/// the nodes, and one that comes or goes moves no other's (Thaler and Ravishankar, 1998).
/// </summary>
internal static class Election
{
    /// <param name="own">This node.</param>
    public static Claim Decide(BalancedAddress address, string own, Others others, IReadOnlySet<string> excluded)
    {
        if (Winner(address.Address, others.Alive.Append(own).Where(CanHold)) != own) return Claim.None;
        var undoubted = !others.Unheard && Winner(address.Address, others.Alive.Concat(others.Silent).Append(own).Where(CanHold)) == own;
        return undoubted ? Claim.Hold : Claim.HoldIfUnanswered;

        bool CanHold(string node) => !excluded.Contains(node) && address.Nodes?.Contains(node) != false;
    }

    /// <summary>The one of the highest rank; null if there is none.</summary>
    public static string? Winner(IPAddress address, IEnumerable<string> nodes) =>
        nodes.Select(node => (Rank: Rank(address, node), Node: node)).OrderByDescending(pair => pair.Rank).ThenBy(pair => pair.Node, StringComparer.Ordinal).FirstOrDefault().Node;

    /// <summary>FNV-1a over both, then mixed: alone it hardly tells names apart that differ in their last letter only.</summary>
    private static ulong Rank(IPAddress address, string node)
    {
        var hash = 14695981039346656037UL;
        foreach (var octet in address.GetAddressBytes().Concat(Encoding.UTF8.GetBytes(node))) hash = (hash ^ octet) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }
}
