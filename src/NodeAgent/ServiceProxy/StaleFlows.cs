using System.Net;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// UDP clients that keep their port stay bound by conntrack to the endpoint that they were given first, also when it is long gone, and to no
/// endpoint at all if they began before there was one. So after a change of a UDP port the entries that lead elsewhere than to its
/// endpoints are deleted; the next packet is led anew. TCP and SCTP clients connect again by themselves.
/// </summary>
internal sealed class StaleFlows(Conntrack conntrack, ILogger log)
{
    private readonly Dictionary<string, ProxiedPort> waiting = [];

    /// <summary>How many attempts in a row did not succeed; more than none = it has to be repeated.</summary>
    public int Failures { get; private set; }

    /// <summary>To be called after the rules of these ports are in the kernel. Errors are logged, and made up for by the next call.</summary>
    public void Forget(IEnumerable<ProxiedPort> changed, CancellationToken cancel)
    {
        foreach (var port in changed.Where(port => port.Protocol == "udp")) waiting[port.Label] = port;
        if (waiting.Count == 0) return;
        try
        {
            if (waiting.Values.Any(port => port.Serving.Count > 0))
                conntrack.Delete(Among(conntrack.List(new(ConntrackProtocol.Udp)), waiting.Values).ToList());
            waiting.Clear();
            Failures = 0;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            Failures++;
            log.StaleFlowsKept(error);
        }
    }

    /// <summary>
    /// Which of these flows go to one of the ports' addresses and are answered by something else than its serving endpoints. Ports without
    /// any are left alone: nothing better could be reached.
    /// </summary>
    public static IEnumerable<ConntrackFlow> Among(IEnumerable<ConntrackFlow> flows, IEnumerable<ProxiedPort> ports)
    {
        var targets = ports.Where(port => port.Serving.Count > 0)
            .SelectMany(port => port.Frontends.Where(frontend => frontend.Address is not null).Select(frontend => (Key: (port.Protocol, frontend.Address!, frontend.Port), port)))
            .ToDictionary(entry => entry.Key, entry => Targets(entry.port));
        return flows.Where(flow => targets.TryGetValue((flow.Protocol.ToString().ToLowerInvariant(), flow.Destination, flow.DestinationPort), out var serving)
            && !serving.Contains((flow.ReplySource, flow.ReplySourcePort)));
    }

    private static HashSet<(IPAddress, int)> Targets(ProxiedPort port) =>
        port.Serving.Select(endpoint => (endpoint.Address, endpoint.Port)).ToHashSet();
}
