using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// How fast nodes that are not ready may drive their pods away, zone by zone (k8s.io/kubernetes pkg/controller/nodelifecycle):
/// one node in ten seconds; where most of a zone is lost, ten times slower or, in a small zone, not at all; and none
/// while every zone is lost completely, since then the fault is probably on this side.
/// </summary>
internal sealed class ZoneDisruption
{
    private const double Rate = 0.1, SlowRate = 0.01, UnhealthyShare = 0.55;
    private const int SmallZone = 50;

    private enum State { Normal, Partial, Full }

    private sealed record Bucket(double Tokens, TimeSpan At);

    private readonly Dictionary<string, Bucket> buckets = [];
    private Dictionary<string, (State State, int Nodes)> zones = [];
    private readonly Lock guard = new();

    /// <summary>Every zone is lost: nothing is driven away, and what was going to be is let be.</summary>
    public bool IsStopped
    {
        get { lock (guard) return zones.Count > 0 && zones.Values.All(zone => zone.State == State.Full); }
    }

    public void Observe(IEnumerable<Node> nodes)
    {
        var counted = nodes.GroupBy(ZoneOf).ToDictionary(zone => zone.Key, zone => Judge(zone.Count(node => NodeHealth.Ready(node) == "True"), zone.Count(node => NodeHealth.Ready(node) != "True")));
        lock (guard)
        {
            zones = counted;
            foreach (var gone in buckets.Keys.Where(zone => !counted.ContainsKey(zone)).ToList()) buckets.Remove(gone);
        }
    }

    private static (State, int) Judge(int ready, int notReady)
    {
        if (ready == 0 && notReady > 0) return (State.Full, notReady);
        return (notReady > 2 && (double)notReady / (ready + notReady) >= UnhealthyShare ? State.Partial : State.Normal, ready + notReady);
    }

    /// <summary>Whether this node's pods may be driven away now; each yes uses up a part of the zone's rate.</summary>
    /// <param name="now">Any clock that only goes forward.</param>
    public bool MayEvict(Node node, TimeSpan now)
    {
        lock (guard)
        {
            if (zones.Count > 0 && zones.Values.All(other => other.State == State.Full)) return false;
            var (name, zone) = (ZoneOf(node), zones.GetValueOrDefault(ZoneOf(node)));
            var rate = zone.State != State.Partial ? Rate : zone.Nodes > SmallZone ? SlowRate : 0;
            var bucket = buckets.GetValueOrDefault(name) ?? new Bucket(1, now);
            var tokens = Math.Min(1, bucket.Tokens + (now - bucket.At).TotalSeconds * rate);
            var yes = rate > 0 && tokens >= 1 - 1e-9; // ten tenths are not quite one
            buckets[name] = new Bucket(yes ? tokens - 1 : tokens, now);
            return yes;
        }
    }

    private static string ZoneOf(Node node) =>
        $"{node.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/region")}:{node.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/zone")}";
}
