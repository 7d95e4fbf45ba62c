using System.Net;
using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>Pure: the elements that belong to no Service.</summary>
internal static class NodeElements
{
    /// <summary>Pods of one node at most: 2^16, the largest range that a cluster's /8 is usually cut into.</summary>
    private const int WidestPodCidr = 16;

    /// <exception cref="IOException">The pods' range is too large.</exception>
    public static IEnumerable<SetElement> Of(NodeFacts node)
    {
        foreach (var other in node.NonMasqueradeCidrs.Where(network => network.PrefixLength == 32).Distinct())
            yield return new(TableSets.Nodes, new(NftablesValue.Of(NftablesValue.Field(other.BaseAddress))), node.Origin);
        foreach (var pod in Pods(node.PodCidr)) yield return new(TableSets.Hairpin, new(NftablesValue.Of(pod, pod)), node.Origin);
    }

    /// <summary>All that there can be, lest the set follow each pod: also one that no Service leads to may reach itself, by a host port.</summary>
    private static IEnumerable<uint> Pods(IPNetwork? range)
    {
        if (range is not { } pods) yield break;
        if (pods.PrefixLength < WidestPodCidr) throw new IOException($"podCIDR {pods}: the nftables mode takes /{WidestPodCidr} at most");
        var first = Ipv4.Number(pods.BaseAddress);
        for (uint i = 0; i < 1u << (32 - pods.PrefixLength); i++)
            yield return NftablesValue.Field(new IPAddress([(byte)((first + i) >> 24), (byte)((first + i) >> 16), (byte)((first + i) >> 8), (byte)(first + i)]));
    }
}
