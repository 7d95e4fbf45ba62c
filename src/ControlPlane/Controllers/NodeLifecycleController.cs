using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Watches the nodes' leases. A node that is silent for too long becomes Ready=Unknown; a node that is not ready gets
/// taints, and its pods become not ready so that Services leave them out. What a node says itself when it is back
/// takes all of that away again.
/// </summary>
internal sealed class NodeLifecycleController(ApiClient client, SharedInformers informers, ControllerOptions options, EventRecorder events, Action<string> log)
    : Controller("node-lifecycle-controller", log)
{
    private const string LeaseNamespace = "kube-node-lease";

    private readonly NodeHeartbeats heartbeats = new();
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
        var work = Queue.Run(Reconcile, (key, e) => Log($"{Name}: {key}: {e.Message}"), workers: 1, cancel);
        try
        {
            while (true)
            {
                zones.Observe(informers.Nodes.Items);
                foreach (var node in informers.Nodes.Items) Queue.Add(node.Key);
                await Task.Delay(options.NodeMonitorPeriod, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
        await work;
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Nodes.Get(key) is not { } node)
        {
            heartbeats.Forget(key);
            registered.Remove(key);
            return;
        }
        if (registered.Add(key)) events.Normal(Name, node, "RegisteredNode", $"Node {key} event: Registered Node {key} in Controller");
        if (heartbeats.Silence(key, LastSign(node), clock.Elapsed) > options.NodeMonitorGracePeriod) node = await MarkSilent(node, cancel);
        node = await WriteTaints(node, cancel);
        if (NodeHealth.Ready(node) != "True")
            foreach (var pod in informers.PodsByNode[key].Where(pod => PodState.IsReady(pod) && !PodState.IsFinished(pod))) await MarkNotReady(node, pod, cancel);
    }

    /// <summary>Either sign of life will do: the lease, or the time at which the node reported its conditions.</summary>
    private DateTime? LastSign(Node node)
    {
        var renewed = informers.Leases.Get($"{LeaseNamespace}/{node.Name}")?.Spec?.RenewTime;
        var reported = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.LastHeartbeatTime;
        return reported > renewed || renewed is null ? reported : renewed;
    }

    private async Task<Node> MarkSilent(Node node, CancellationToken cancel)
    {
        var conditions = NodeHealth.Silent(node, DateTime.UtcNow);
        if (ReferenceEquals(conditions, node.Status?.Conditions)) return node;
        events.Normal(Name, node, "NodeNotReady", $"Node {node.Name} status is now: NodeNotReady");
        Log($"{Name}: node {node.Name} has been silent for {options.NodeMonitorGracePeriod.TotalSeconds:0} s");
        return await client.MergePatch<Node>("", node.Name, new { metadata = new { resourceVersion = node.Metadata.ResourceVersion }, status = new { conditions } }, cancel, "status");
    }

    private async Task<Node> WriteTaints(Node node, CancellationToken cancel)
    {
        var evict = NodeHealth.Ready(node) != "True" && (NodeHealth.Evicts(node) ? !zones.IsStopped : zones.MayEvict(node, clock.Elapsed));
        var taints = NodeHealth.Taints(node, DateTime.UtcNow, evict);
        if (ReferenceEquals(taints, node.Spec?.Taints) || taints.Count == 0 && node.Spec?.Taints is not { Count: > 0 }) return node;
        return await client.MergePatch<Node>("", node.Name, new { metadata = new { resourceVersion = node.Metadata.ResourceVersion }, spec = new { taints } }, cancel);
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
