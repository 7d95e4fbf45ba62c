using System.Net;

namespace Benchmarks.Services;

/// <summary>
/// What the rules cost a new connection: connects through a Service chosen at random and straight to a pod chosen at random, by turns, through
/// a router that has the rules of all Services. Our rules and the peer's each have a router of their own.
/// </summary>
internal static class PacketCost
{
    private const int WarmUp = 2000;

    /// <param name="Latency">µs from SYN to the established connection.</param>
    public sealed record Result(Series Latency, Series Rate, Series DirectLatency, Series DirectRate);

    /// <param name="connects">In each of the rounds.</param>
    public static Result Measure(RouterNetwork network, string name, int services, int connects, int rounds)
    {
        var vips = Enumerable.Range(0, services).Select(service => (MadeUpServices.ClusterIp(service), MadeUpServices.Port)).ToList();
        var pods = Enumerable.Range(0, services).SelectMany(MadeUpServices.Endpoints).Select(address => (address, MadeUpServices.TargetPort)).ToList();
        List<double> latency = [], rate = [], directLatency = [], directRate = [];
        ConnectLoop.Run(network.Client, vips, pods, WarmUp, -1);
        for (var round = 0; round < rounds; round++)
        {
            var (through, direct) = ConnectLoop.Run(network.Client, vips, pods, connects, round);
            latency.AddRange(through.Microseconds);
            rate.AddRange(through.PerSecond);
            directLatency.AddRange(direct.Microseconds);
            directRate.AddRange(direct.PerSecond);
        }
        return new(new(name, "us", latency), new(name, "1/s", rate), new("straight to the pod", "us", directLatency), new("straight to the pod", "1/s", directRate));
    }
}
