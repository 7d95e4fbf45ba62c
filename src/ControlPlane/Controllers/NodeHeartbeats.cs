namespace ControlPlane.Controllers;

/// <summary>
/// When each node was last heard of, by this machine's monotonic clock: a lease counts as renewed when its renewTime
/// changes, not by what time it says, so that clocks need not agree. A restart of the control plane starts the wait anew.
/// </summary>
internal sealed class NodeHeartbeats
{
    private readonly Dictionary<string, (DateTime? RenewTime, TimeSpan HeardAt)> nodes = [];

    /// <summary>Notes the lease's present renewTime; tells for how long it has not changed.</summary>
    /// <param name="now">Any clock that only goes forward.</param>
    public TimeSpan Silence(string node, DateTime? renewTime, TimeSpan now)
    {
        if (!nodes.TryGetValue(node, out var last) || last.RenewTime != renewTime) nodes[node] = last = (renewTime, now);
        return now - last.HeardAt;
    }

    public void Forget(string node) => nodes.Remove(node);
}
