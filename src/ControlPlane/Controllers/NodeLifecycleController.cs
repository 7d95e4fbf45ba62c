using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Gives up nodes that are silent for too long: they become Ready=Unknown at the very moment at which their time is over. A node that is not ready
/// gets taints, and its pods become not ready so that Services leave them out. What a node says itself when it is back takes all of that away again.
/// </summary>
internal sealed class NodeLifecycleController(ApiClient client, SharedInformers informers, ListeningTime listening, NodeHeartbeats heartbeats, NodeMonitorOptions options, EventRecorder events, Action<string> log)
    : Controller("node-lifecycle-controller", log)
{
    /// <summary>So often the controller says that it listens, see <see cref="ListeningTime"/>.</summary>
    private static readonly TimeSpan TickPeriod = ListeningTime.LongestStep / 4;

    /// <summary>So many pods of a lost node are written at a time: they share commits of the store.</summary>
    private const int WritesAtATime = 16;

    private readonly ListeningCheck check = new(client, informers, listening, log);
    private readonly ZoneDisruption zones = new();
    private readonly HashSet<string> registered = [];
    private readonly Stopwatch clock = Stopwatch.StartNew();

    public override void Watch()
    {
        informers.Nodes.Changed += (old, updated) =>
        {
            Queue.Add((updated ?? old)!.Key);
            if (updated is null) events.Normal(Name, old!, "RemovingNode", $"Node {old!.Name} event: Removing Node {old.Name} from Controller");
        };
        informers.Pods.Changed += (_, updated) =>
        {
            // A pod may say that it is ready on a node that has been lost since.
            if (updated?.Spec?.NodeName is { Length: > 0 } node && PodState.IsReady(updated) && informers.Nodes.Get(node) is { } host && NodeHealth.Ready(host) != "True")
                Queue.Add(node);
        };
    }

    public override async Task Run(CancellationToken cancel)
    {
        zones.Observe(informers.Nodes.Items);
        foreach (var node in informers.Nodes.Items) Queue.Add(node.Key);
        var work = Queue.Run(Reconcile, (key, e) => Log($"{Name}: {key}: {e.Message}"), workers: 1, cancel);
        var nextLook = TimeSpan.Zero;
        try
        {
            while (true)
            {
                listening.Tick();
                var look = clock.Elapsed >= nextLook;
                if (look) nextLook = clock.Elapsed + options.Period;
                await Task.Delay(Look(look), cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
        await work;
    }

    /// <summary>Queues the nodes whose time is over and, now and then, all that are not well.</summary>
    /// <returns>How long until the next node's time may be over.</returns>
    private TimeSpan Look(bool all)
    {
        if (all) zones.Observe(informers.Nodes.Items);
        var next = TickPeriod;
        foreach (var node in informers.Nodes.Items)
        {
            var (left, givenUp) = (heartbeats.Left(node.Key), NodeHealth.IsGivenUp(node));
            if (!givenUp && left <= TimeSpan.Zero || all && (NodeHealth.Ready(node) != "True" || node.Spec?.Taints is { Count: > 0 })) Queue.Add(node.Key);
            else if (!givenUp && left < next) next = left;
        }
        return next > TimeSpan.FromMilliseconds(1) ? next : TimeSpan.FromMilliseconds(1);
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Nodes.Get(key) is not { } node)
        {
            registered.Remove(key);
            return;
        }
        if (registered.Add(key)) events.Normal(Name, node, "RegisteredNode", $"Node {key} event: Registered Node {key} in Controller");
        if (heartbeats.Left(key) <= TimeSpan.Zero && !NodeHealth.IsGivenUp(node) && await check.IsSilent(() => heartbeats.Left(key), cancel)) node = await MarkSilent(node, cancel);
        // Services leave its pods out before anything else is done: somebody may be calling them.
        if (NodeHealth.Ready(node) != "True") await MarkPodsNotReady(node, cancel);
        await WriteTaints(node, cancel);
    }

    private async Task<Node> MarkSilent(Node node, CancellationToken cancel)
    {
        var conditions = NodeHealth.Silent(node, DateTime.UtcNow);
        events.Normal(Name, node, "NodeNotReady", $"Node {node.Name} status is now: NodeNotReady");
        Log($"{Name}: node {node.Name} has been silent for {heartbeats.Silence(node.Name).TotalSeconds:0.0} s");
        return await client.MergePatch<Node>("", node.Name, new { metadata = new { resourceVersion = node.Metadata.ResourceVersion }, status = new { conditions } }, cancel, "status");
    }

    private Task MarkPodsNotReady(Node node, CancellationToken cancel) => Parallel.ForEachAsync(
        informers.PodsByNode[node.Key].Where(pod => PodState.IsReady(pod) && !PodState.IsFinished(pod)).ToList(),
        new ParallelOptions { MaxDegreeOfParallelism = WritesAtATime, CancellationToken = cancel },
        async (pod, cancel) => await MarkNotReady(node, pod, cancel));

    private async Task WriteTaints(Node node, CancellationToken cancel)
    {
        var evict = NodeHealth.Ready(node) != "True" && (NodeHealth.Evicts(node) ? !zones.IsStopped : zones.MayEvict(node, clock.Elapsed));
        var taints = NodeHealth.Taints(node, DateTime.UtcNow, evict);
        if (ReferenceEquals(taints, node.Spec?.Taints) || taints.Count == 0 && node.Spec?.Taints is not { Count: > 0 }) return;
        await client.MergePatch<Node>("", node.Name, new { metadata = new { resourceVersion = node.Metadata.ResourceVersion }, spec = new { taints } }, cancel);
    }

    private async Task MarkNotReady(Node node, Pod pod, CancellationToken cancel)
    {
        var conditions = PodState.WithCondition(pod, PodState.Condition(pod, "Ready")! with { Status = "False", Reason = "NodeNotReady", Message = $"node {node.Name} is not ready" }, DateTime.UtcNow);
        var patch = new { metadata = new { uid = pod.Metadata.Uid, resourceVersion = pod.Metadata.ResourceVersion }, status = new { conditions } };
        try { await client.MergePatch<Pod>(pod.Namespace, pod.Name, patch, cancel, "status"); }
        catch (ApiException e) when (e.IsNotFound) { return; }
        events.Warning(Name, pod, "NodeNotReady", "Node is not ready");
    }
}
