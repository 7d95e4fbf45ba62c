using System.Buffers.Binary;
using System.Net;

namespace ControlPlane.Controllers;

/// <summary>The parts of the cluster's pod network that nodes get: all of one size, counted from the lowest.</summary>
internal sealed class PodCidrs
{
    private readonly uint start;
    private readonly int maskSize;
    private readonly int count;
    private readonly HashSet<int> used = [];
    private readonly Dictionary<string, int> byNode = [];

    /// <param name="clusterCidr">IPv4, e.g. <c>10.244.0.0/16</c>.</param>
    /// <param name="nodeMaskSize">Prefix length of one part.</param>
    /// <exception cref="FormatException">No IPv4 network, or the parts are larger than the whole.</exception>
    public PodCidrs(string clusterCidr, int nodeMaskSize)
    {
        var network = IPNetwork.Parse(clusterCidr);
        if (network.BaseAddress.GetAddressBytes() is not { Length: 4 } bytes) throw new FormatException($"{clusterCidr} is not an IPv4 network");
        if (nodeMaskSize < network.PrefixLength || nodeMaskSize > 30) throw new FormatException($"a node's /{nodeMaskSize} is no part of {clusterCidr}");
        start = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        maskSize = nodeMaskSize;
        count = 1 << Math.Min(30, nodeMaskSize - network.PrefixLength);
    }

    /// <summary>The node has this part already. Parts outside the cluster's network are remembered as nobody's.</summary>
    public void Occupy(string node, string cidr)
    {
        if (byNode.ContainsKey(node) || !IPNetwork.TryParse(cidr, out var network) || network.BaseAddress.GetAddressBytes() is not { Length: 4 } bytes) return;
        var offset = BinaryPrimitives.ReadUInt32BigEndian(bytes) - (long)start;
        if (offset < 0 || offset >> (32 - maskSize) >= count) return;
        byNode[node] = (int)(offset >> (32 - maskSize));
        used.Add(byNode[node]);
    }

    /// <summary>The node's part, the same for every call; null if none is left. The lowest free one is taken.</summary>
    public string? Allocate(string node)
    {
        if (byNode.TryGetValue(node, out var own)) return Text(own);
        for (var index = 0; index < count; index++)
        {
            if (!used.Add(index)) continue;
            byNode[node] = index;
            return Text(index);
        }
        return null;
    }

    public void Release(string node)
    {
        if (byNode.Remove(node, out var index) && !byNode.ContainsValue(index)) used.Remove(index);
    }

    private string Text(int index)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, start + ((uint)index << (32 - maskSize)));
        return $"{new IPAddress(bytes)}/{maskSize}";
    }
}
