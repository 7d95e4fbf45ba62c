using Linux;

namespace NodeAgent.PodNetwork;

/// <summary>Waits until there is a reason to look at the network: events of the kernel, or time for what it tells no events of.</summary>
internal sealed class NetworkWatch(NetworkNamespace node) : IDisposable
{
    /// <summary>Events come in bursts (one pod makes a dozen); this is how long to wait for the rest of one.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(20);

    private readonly NetlinkEvents events = new(node, LibC.RTNLGRP_LINK, LibC.RTNLGRP_NEIGH, LibC.RTNLGRP_IPV4_IFADDR, LibC.RTNLGRP_IPV4_ROUTE, LibC.RTNLGRP_IPV4_NETCONF);
    private Task<IReadOnlyList<NetlinkMessage>?>? next;

    /// <summary>Until something happened, and the burst that it began is over, or for so long.</summary>
    public async Task Next(TimeSpan atMost, CancellationToken cancel)
    {
        next ??= events.Next(cancel);
        if (await Task.WhenAny(next, Task.Delay(atMost, cancel)) == next) await Task.Delay(Burst, cancel);
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>What happened until now; to be taken while nobody changes anything, so that all of what was done is in it.</summary>
    /// <returns>Null when some were lost.</returns>
    public async Task<IReadOnlyList<NetlinkMessage>?> Take()
    {
        if (next is not { IsCompleted: true }) return [];
        var first = await next;
        next = null;
        var rest = events.Pending();
        return first is null || rest is null ? null : [.. first, .. rest];
    }

    public void Dispose() => events.Dispose();
}
