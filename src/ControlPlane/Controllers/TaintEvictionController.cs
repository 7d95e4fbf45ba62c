using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Deletes the pods that do not tolerate a NoExecute taint of their node, or no longer.</summary>
internal sealed class TaintEvictionController(ApiClient client, SharedInformers informers, ControllerOptions options, EventRecorder events, Action<string> log)
    : Controller("taint-eviction-controller", log)
{
    /// <summary>By node; a node's are used by one worker at a time.</summary>
    private readonly ConcurrentDictionary<string, TaintTimes> times = [];

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
            times.TryRemove(key, out _);
            return;
        }
        var pods = informers.PodsByNode[key].Where(pod => pod.Metadata.DeletionTimestamp is null).ToList();
        var seen = times.GetOrAdd(key, _ => new TaintTimes(TimeProvider.System));
        seen.Observe(node, pods);
        TimeSpan? next = null;
        foreach (var pod in pods)
        {
            if (TaintEviction.In(pod, node, options.DefaultTolerations, taint => seen.Of(pod, taint)) is not { } left) continue;
            if (left <= TimeSpan.Zero) await Evict(pod, cancel);
            else if (next is null || left < next) next = left;
        }
        if (next is { } wait) Queue.AddAfter(key, wait);
    }

    private async Task Evict(Pod pod, CancellationToken cancel)
    {
        events.Normal(Name, pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Key}");
        var reason = new PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "DeletionByTaintManager", Message = "Taint manager: deleting due to NoExecute taint" };
        await PodDisruption.Mark(client, pod, reason, phase: null, cancel);
        await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } });
    }
}
