using System.Net;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// UDP clients that keep their port stay bound by conntrack to the endpoint that they were given first, also when it is long gone, and to no
/// endpoint at all if they began before there was one. So after a change of a UDP frontend the entries that lead elsewhere than to its
/// endpoints are deleted; the next packet is led anew. TCP and SCTP clients connect again by themselves.
/// </summary>
internal sealed class StaleFlows(Conntrack conntrack, ILogger log)
{
    private IReadOnlyDictionary<string, Frontend> seen = new Dictionary<string, Frontend>();

    /// <summary>How many attempts in a row did not succeed; more than none = it has to be repeated.</summary>
    public int Failures { get; private set; }

    /// <summary>To be called after the rules of these frontends are in the kernel. Errors are logged, and made up for by the next call.</summary>
    public void Forget(IReadOnlyList<Frontend> frontends, CancellationToken cancel)
    {
        var now = frontends.Where(frontend => frontend.Protocol == "udp").ToDictionary(frontend => $"{frontend.Address}:{frontend.Port}");
        var changed = now.Where(entry => !seen.TryGetValue(entry.Key, out var before) || !Targets(before).SetEquals(Targets(entry.Value))).Select(entry => entry.Value).ToList();
        try
        {
            if (changed.Any(frontend => frontend.Serving.Count > 0))
                conntrack.Delete(Among(conntrack.List(new(ConntrackProtocol.Udp)), changed).ToList());
            (seen, Failures) = (now, 0);
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            Failures++;
            log.StaleFlowsKept(error);
        }
    }

    /// <summary>
    /// Which of these flows go to one of the frontends and are answered by something else than its serving endpoints. Frontends without any
    /// are left alone: nothing better could be reached.
    /// </summary>
    public static IEnumerable<ConntrackFlow> Among(IEnumerable<ConntrackFlow> flows, IEnumerable<Frontend> frontends)
    {
        var targets = frontends.Where(frontend => frontend.Serving.Count > 0)
            .ToDictionary(frontend => (frontend.Protocol, frontend.Address, frontend.Port), Targets);
        return flows.Where(flow => targets.TryGetValue((flow.Protocol.ToString().ToLowerInvariant(), flow.Destination, flow.DestinationPort), out var serving)
            && !serving.Contains((flow.ReplySource, flow.ReplySourcePort)));
    }

    private static HashSet<(IPAddress, int)> Targets(Frontend frontend) =>
        frontend.Serving.Select(endpoint => (endpoint.Address, endpoint.Port)).ToHashSet();
}
