using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// When each node was last heard of, by this machine's own <see cref="ListeningTime"/>: a sign of life is a lease or a status that is another than
/// before, whatever time it says, so that clocks need not agree and may jump. A restart of the control plane starts the wait anew.
/// Safe for several threads.
/// </summary>
/// <param name="grace">A node is lost when it says nothing for so long, or for as long as its own lease says, if that is longer.</param>
/// <param name="startupGrace">Until a node has been heard of for the first time since the control plane started, it has this time, if that is longer.</param>
internal sealed class NodeHeartbeats(ListeningTime time, TimeSpan grace, TimeSpan startupGrace)
{
    private const string LeaseNamespace = "kube-node-lease";

    private readonly Dictionary<string, Heard> nodes = [];
    private readonly Lock guard = new();

    /// <param name="At">In listening time.</param>
    /// <param name="Again">It has been seen to change: what was there when the control plane started is no sign of life.</param>
    private sealed record Heard(TimeSpan At, bool Again, DateTime? Renewed, DateTime? Reported, TimeSpan LeaseDuration);

    /// <summary>Listens to leases and nodes; call before the informers run.</summary>
    public void Watch(SharedInformers informers)
    {
        informers.Leases.Changed += (old, lease) => { if ((lease ?? old)!.Namespace == LeaseNamespace) Renewed((lease ?? old)!.Name, lease?.Spec); };
        informers.Nodes.Changed += (old, node) =>
        {
            if (node is null) Forget(old!.Name);
            else Reported(node.Name, node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.LastHeartbeatTime);
        };
    }

    /// <summary>Its lease says this now; null: it has none any more, which is no sign of life and makes nobody known.</summary>
    public void Renewed(string node, LeaseSpec? lease)
    {
        lock (guard)
        {
            if (lease is null && !nodes.ContainsKey(node)) return;
            Note(node, known => known with { Renewed = lease?.RenewTime, LeaseDuration = TimeSpan.FromSeconds(lease?.LeaseDurationSeconds ?? 0) });
        }
    }

    /// <summary>Its Ready condition has this lastHeartbeatTime now.</summary>
    public void Reported(string node, DateTime? heartbeat) => Note(node, known => known with { Reported = heartbeat });

    private void Note(string node, Func<Heard, Heard> change)
    {
        lock (guard)
        {
            var before = Of(node);
            var after = change(before);
            var (renewed, reported) = (IsNews(before.Renewed, after.Renewed), IsNews(before.Reported, after.Reported));
            if (renewed || reported) after = after with { At = time.Now, Again = before.Again || renewed && before.Renewed is not null || reported && before.Reported is not null };
            nodes[node] = after;
        }
    }

    private static bool IsNews(DateTime? before, DateTime? after) => after is not null && before != after;

    public void Forget(string node)
    {
        lock (guard) nodes.Remove(node);
    }

    /// <summary>For how long it has said nothing; for a node that is new here that begins now.</summary>
    public TimeSpan Silence(string node)
    {
        lock (guard) return time.Now - Of(node).At;
    }

    /// <summary>How long it may still say nothing before it counts as lost; zero or less: it is lost.</summary>
    public TimeSpan Left(string node)
    {
        lock (guard)
        {
            var heard = Of(node);
            var patience = Patience(heard);
            return heard.At + (heard.Again || patience > startupGrace ? patience : startupGrace) - time.Now;
        }
    }

    private TimeSpan Patience(Heard heard) => heard.LeaseDuration > grace ? heard.LeaseDuration : grace;

    private Heard Of(string node)
    {
        if (!nodes.TryGetValue(node, out var heard)) nodes[node] = heard = new Heard(time.Now, false, null, null, TimeSpan.Zero);
        return heard;
    }
}
