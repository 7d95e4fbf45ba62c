using Linux;
using Microsoft.Extensions.Logging;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// Raises net.netfilter.nf_conntrack_max to kube-proxy's figure, once: never lowered. It is the whole machine's: a namespace other than
/// the first may not raise it. The setting is not there before the kernel has loaded connection tracking, which on a machine that has just
/// started is with the first rules: so it is tried until it is there.
/// </summary>
/// <param name="read">The setting's value; null where there is no such setting yet.</param>
internal sealed class ConntrackLimit(ILogger log, int processors, Func<string?> read, Action<string> write)
{
    public const string Setting = "net/netfilter/nf_conntrack_max";

    /// <summary>kube-proxy's --conntrack-min and --conntrack-max-per-core.</summary>
    private const int Least = 131_072, PerCore = 32_768;

    private bool settled;

    public void Raise()
    {
        if (settled) return;
        var wanted = Math.Max(Least, PerCore * processors);
        try
        {
            if (!int.TryParse(read(), out var limit)) return;
            settled = true;
            if (limit is 0 || limit >= wanted) return;
            write($"{wanted}");
            log.ConntrackRaised(limit, wanted);
        }
        catch (Exception refused) when (refused is SystemCallException or UnauthorizedAccessException or IOException)
        {
            settled = true;
            log.ConntrackNotRaised(wanted, refused.Message);
        }
    }
}
