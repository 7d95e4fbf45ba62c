using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Deletes the pods that do not tolerate a NoExecute taint of their node, or no longer.</summary>
internal sealed class TaintEvictionController(ApiClient client, SharedInformers informers, ControllerOptions options, EventRecorder events, Action<string> log)
    : Controller("taint-eviction-controller", log)
{
    private readonly ConcurrentDictionary<string, Dictionary<(string Key, string? Value), DateTime>> firstSeen = [];

    /// <summary>Keys are nodes.</summary>
    public override void Watch()
    {
        informers.Nodes.Changed += (old, updated) => { if (IsTainted(updated) || IsTainted(old)) Queue.Add((updated ?? old)!.Key); };
        informers.Pods.Changed += (_, updated) =>
        {
            if (updated?.Spec?.NodeName is { Length: > 0 } node && IsTainted(informers.Nodes.Get(node))) Queue.Add(node);
        };
    }

    private static bool IsTainted(Node? node) => node?.Spec?.Taints?.Any(taint => taint.Effect == "NoExecute") == true;

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Nodes.Get(key) is not { } node || !IsTainted(node))
        {
            firstSeen.TryRemove(key, out _);
            return;
        }
        var now = DateTime.UtcNow;
        var seen = Seen(node, now);
        DateTime? next = null;
        foreach (var pod in informers.PodsByNode[key].Where(pod => pod.Metadata.DeletionTimestamp is null))
        {
            if (TaintEviction.At(pod, node, options.DefaultToleration, taint => seen[(taint.Key, taint.Value)]) is not { } at) continue;
            if (at <= now) await Evict(pod, cancel);
            else if (next is null || at < next) next = at;
        }
        if (next is not null) Queue.AddAfter(key, next.Value - now);
    }

    /// <summary>Since when the node has each of its taints, as far as this controller has seen: whoever adds one by hand says no time.</summary>
    private Dictionary<(string Key, string? Value), DateTime> Seen(Node node, DateTime now)
    {
        var before = firstSeen.GetValueOrDefault(node.Name);
        return firstSeen[node.Name] = node.Spec!.Taints!.Where(taint => taint.Effect == "NoExecute").DistinctBy(taint => (taint.Key, taint.Value))
            .ToDictionary(taint => (taint.Key, taint.Value), taint => before?.TryGetValue((taint.Key, taint.Value), out var time) == true ? time : now);
    }

    private async Task Evict(Pod pod, CancellationToken cancel)
    {
        events.Normal(Name, pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Key}");
        var reason = new PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "DeletionByTaintManager", Message = "Taint manager: deleting due to NoExecute taint" };
        await PodDisruption.Mark(client, pod, reason, phase: null, cancel);
        await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } });
    }
}
