using Linux;
using Microsoft.Extensions.Logging;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// Looks how full the connection tracking table is. When it is full the kernel drops packets of new connections without a word to anybody
/// but its own log: the node's event says so. What is open goes on, and so does the agent's own work.
/// </summary>
/// <param name="tell">Gets reason and message of a Warning about the node.</param>
internal sealed class ConntrackWatch(ILogger log, Action<string, string> tell, NetworkNamespace? inside = null)
{
    public const string Reason = "ConntrackFull";

    private const double NearlyFull = 0.9;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10), TellEvery = TimeSpan.FromMinutes(1);

    private readonly NetworkNamespace space = inside ?? NetworkNamespace.Current;
    private ConntrackUsage? last;
    private long untold, toldAt = long.MinValue;
    private bool warned, unreadable;

    public async Task Run(CancellationToken cancel)
    {
        var limit = new ConntrackLimit(log, Environment.ProcessorCount, () => space.Run(() => Sysctl.Read(ConntrackLimit.Setting)), value => space.Run(() => Sysctl.Write(ConntrackLimit.Setting, value)));
        while (true)
        {
            limit.Raise();
            Look();
            await Task.Delay(LookEvery, cancel);
        }
    }

    /// <summary>Reads the figures and says what there is to say.</summary>
    public void Look()
    {
        if (Usage() is not { } now) return;
        var nearlyFull = now.Most > 0 && now.Entries >= NearlyFull * now.Most;
        if (nearlyFull && last is not null) untold += Math.Max(0, now.Dropped - last.Dropped);
        last = now;
        if (nearlyFull && !warned) log.ConntrackNearlyFull(now.Entries, now.Most);
        warned = nearlyFull;
        if (untold == 0 || (toldAt != long.MinValue && Environment.TickCount64 - toldAt < TellEvery.TotalMilliseconds)) return;
        tell(Reason, $"The connection tracking table is full ({now.Entries} of {now.Most} entries): {untold} packets of new connections were dropped. Raise net.netfilter.nf_conntrack_max on this machine");
        (untold, toldAt) = (0, Environment.TickCount64);
    }

    /// <summary>A kernel that does not tell is left alone, and said once.</summary>
    private ConntrackUsage? Usage()
    {
        try { return ConntrackUsage.Read(space); }
        catch (Exception error) when (error is NetlinkException or SystemCallException)
        {
            if (!unreadable) log.ConntrackUnreadable(error.Message);
            unreadable = true;
            return null;
        }
    }
}
