using System.Collections.Concurrent;
using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Removes pods that are bound to a node that no longer exists: nobody is left who could end them. It waits a while
/// first, since a node may be about to register again.
/// </summary>
internal sealed class PodGarbageController(ApiClient client, SharedInformers informers, ControllerOptions options, Action<string> log)
    : Controller("pod-garbage-collector", log)
{
    private readonly ConcurrentDictionary<string, long> missingSince = [];

    /// <summary>Keys are nodes.</summary>
    public override void Watch()
    {
        informers.Nodes.Changed += (old, updated) => { if (updated is null) Queue.Add(old!.Key); };
        informers.Pods.Changed += (_, updated) =>
        {
            if (updated?.Spec?.NodeName is { Length: > 0 } node && informers.Nodes.Get(node) is null) Queue.Add(node);
        };
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        var pods = informers.PodsByNode[key];
        if (informers.Nodes.Get(key) is not null || pods.Count == 0)
        {
            missingSince.TryRemove(key, out _);
            return;
        }
        var missing = Stopwatch.GetElapsedTime(missingSince.GetOrAdd(key, _ => Stopwatch.GetTimestamp()));
        if (missing < options.MissingNodeQuarantine)
        {
            Queue.AddAfter(key, options.MissingNodeQuarantine - missing);
            return;
        }
        if (await client.Find<Node>("", key, cancel) is not null) return; // the server knows better than the cache
        foreach (var pod in pods)
        {
            var force = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
            await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, force);
            Log($"{Name}: removed pod {pod.Key} of the vanished node {key}");
        }
    }
}
