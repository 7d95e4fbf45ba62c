using System.Net;

namespace Benchmarks.Services;

/// <summary>
/// What rules cost a new connection, through a router that has those of all Services, by turns: through a Service chosen at random by our rules
/// and by the peer's, straight to a pod where our rules are, and straight to a pod where there are none but a masquerade rule.
/// </summary>
internal static class PacketCost
{
    private const int WarmUp = 2000;

    private static readonly string[] Kinds = ["ours", "kube-proxy's rules", "straight to the pod", "no Service rules"];

    /// <param name="connects">Of each kind, in each of the rounds.</param>
    public static IReadOnlyList<Figure> Measure(string title, string aim, RouterNetwork ours, RouterNetwork peer, RouterNetwork bare, int services, int connects, int rounds)
    {
        IReadOnlyList<(IPAddress, int)> vips = [.. Enumerable.Range(0, services).Select(service => (MadeUpServices.ClusterIp(service), MadeUpServices.Port))];
        IReadOnlyList<(IPAddress, int)> pods = [.. Enumerable.Range(0, services).SelectMany(MadeUpServices.Endpoints).Select(address => (address, MadeUpServices.TargetPort))];
        (Space, IReadOnlyList<(IPAddress, int)>)[] kinds = [(ours.Client, vips), (peer.Client, vips), (ours.Client, pods), (bare.Client, pods)];
        ConnectLoop.Run(kinds, WarmUp, -1);
        var taken = Enumerable.Range(0, rounds).Select(round => ConnectLoop.Run(kinds, connects, round)).ToList();
        var latency = Kinds.Select((name, kind) => new Series(name, "us", [.. taken.SelectMany(round => round[kind].Microseconds)])).ToList();
        var rate = Kinds.Select((name, kind) => new Series(name, "1/s", [.. taken.SelectMany(round => round[kind].PerSecond)])).ToList();
        return
        [
            new($"{title}: first packet through a Service", latency[0], latency[3], aim),
            new($"{title}: first packet through kube-proxy's rules", latency[1], latency[3], ""),
            new($"{title}: first packet straight to the pod", latency[2], latency[3], ""),
            new($"{title}: connections by one client", rate[0], rate[3], aim),
            new($"{title}: connections by one client, kube-proxy's rules", rate[1], rate[3], ""),
        ];
    }
}
