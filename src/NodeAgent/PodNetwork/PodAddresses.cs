using System.Buffers.Binary;
using System.Collections;
using System.Net;
using System.Net.Sockets;

namespace NodeAgent.PodNetwork;

/// <summary>No address is left in the node's podCIDR.</summary>
internal sealed class PodAddressesExhaustedException(IPNetwork podCidr) : Exception($"no free pod address in {podCidr}");

/// <summary>
/// IPAM: which addresses of the node's podCIDR are in use. Kept in memory only and rebuilt from the kernel at start. Addresses are handed
/// out in turn, not lowest first: peers may hold conntrack entries of an address that was in use a moment ago.
/// The first is the network's (later VXLAN's), the second the gateway's, the last the broadcast address.
/// </summary>
internal sealed class PodAddresses
{
    private readonly IPNetwork podCidr;
    private readonly BitArray used;
    private int next = FirstPod;

    private const int FirstPod = 2;

    /// <exception cref="ArgumentException">Not IPv4, smaller than /30 or larger than /8.</exception>
    public PodAddresses(IPNetwork podCidr)
    {
        if (podCidr.BaseAddress.AddressFamily != AddressFamily.InterNetwork || podCidr.PrefixLength is < 8 or > 30)
            throw new ArgumentException($"podCIDR {podCidr}: must be IPv4, from /8 to /30");
        this.podCidr = podCidr;
        used = new BitArray(1 << (32 - podCidr.PrefixLength));
        used[0] = used[1] = used[^1] = true;
    }

    /// <exception cref="PodAddressesExhaustedException">All are in use.</exception>
    public IPAddress Allocate()
    {
        for (var i = 0; i < used.Length; i++)
        {
            var candidate = (next + i) % used.Length;
            if (used[candidate]) continue;
            used[candidate] = true;
            next = candidate + 1;
            return Marks.Offset(podCidr, (uint)candidate);
        }
        throw new PodAddressesExhaustedException(podCidr);
    }

    /// <summary>Takes an address found in the kernel; later ones are handed out after it.</summary>
    /// <returns>False if it is in use, reserved, or not of this podCIDR.</returns>
    public bool Reserve(IPAddress address)
    {
        if (!podCidr.Contains(address) || used[Index(address)]) return false;
        used[Index(address)] = true;
        next = Math.Max(next, Index(address) + 1);
        return true;
    }

    /// <summary>Gives an address back; one that is not of this podCIDR is ignored.</summary>
    public void Release(IPAddress address)
    {
        if (podCidr.Contains(address) && Index(address) is var index && index >= FirstPod && index < used.Length - 1) used[index] = false;
    }

    private int Index(IPAddress address) => (int)(Number(address) - Number(podCidr.BaseAddress));

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}
