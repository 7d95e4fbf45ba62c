using KubeApi.Objects;

namespace NodeAgent.ServiceProxy.HealthChecks;

/// <summary>What the proxy says of itself, at kube-proxy's port 10256: /healthz for load balancers of whole nodes, /livez for whoever restarts it.</summary>
/// <param name="healthy">Whether the rules are up to date.</param>
/// <param name="node">The own Node; null = not known yet, or deleted.</param>
internal sealed class ProxyHealth(Func<bool> healthy, Func<Node?> node)
{
    /// <summary>The cluster autoscaler's, on a node that it is about to delete.</summary>
    private const string ToBeDeleted = "ToBeDeletedByClusterAutoscaler";

    private volatile bool seen;
    private long updated = DateTime.MinValue.Ticks;

    /// <summary>The rules are as the API wants them.</summary>
    public void Updated() => Interlocked.Exchange(ref updated, DateTime.UtcNow.Ticks);

    public HealthAnswer Answer(string path)
    {
        var (good, last, now) = (healthy(), new DateTime(Interlocked.Read(ref updated)), DateTime.UtcNow);
        return path switch
        {
            "/healthz" => HealthAnswer.Healthz(good, last, now, IsEligible()),
            "/livez" => HealthAnswer.Livez(good, last, now),
            _ => HealthAnswer.NotFound,
        };
    }

    /// <summary>A node that is going shall get no more connections. Before the Node was seen at all, nothing speaks against it.</summary>
    private bool IsEligible()
    {
        if (node() is not { } known) return !seen;
        seen = true;
        return known.Metadata.DeletionTimestamp is null && known.Spec?.Taints?.Any(taint => taint.Key == ToBeDeleted) != true;
    }
}
