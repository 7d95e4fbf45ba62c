using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Deletes the pods that do not tolerate a NoExecute taint of their node, or no longer.</summary>
internal sealed class TaintEvictionController(ApiClient client, SharedInformers informers, ControllerOptions options, EventRecorder events, Action<string> log)
    : Controller("taint-eviction-controller", log)
{
    /// <summary>Keys are nodes.</summary>
    public override void Watch()
    {
        informers.Nodes.Changed += (_, updated) => { if (IsTainted(updated)) Queue.Add(updated!.Key); };
        informers.Pods.Changed += (_, updated) =>
        {
            if (updated?.Spec?.NodeName is { Length: > 0 } node && IsTainted(informers.Nodes.Get(node))) Queue.Add(node);
        };
    }

    private static bool IsTainted(Node? node) => node?.Spec?.Taints?.Any(taint => taint.Effect == "NoExecute") == true;

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Nodes.Get(key) is not { } node) return;
        var now = DateTime.UtcNow;
        DateTime? next = null;
        foreach (var pod in informers.PodsByNode[key].Where(pod => pod.Metadata.DeletionTimestamp is null))
        {
            if (TaintEviction.At(pod, node, options.DefaultToleration) is not { } at) continue;
            if (at <= now) await Evict(pod, cancel);
            else if (next is null || at < next) next = at;
        }
        if (next is not null) Queue.AddAfter(key, next.Value - now);
    }

    private async Task Evict(Pod pod, CancellationToken cancel)
    {
        events.Normal(Name, pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Key}");
        await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } });
    }
}
