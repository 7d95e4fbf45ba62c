using System.Collections.Concurrent;
using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Removes pods that are bound to a node that no longer exists: nobody is left who could end them. It waits a while
/// first, since a node may be about to register again. Now and then it removes what <see cref="PodGarbage"/> names.
/// </summary>
internal sealed class PodGarbageController(ApiClient client, SharedInformers informers, ControllerOptions options, Action<string> log)
    : Controller("pod-garbage-collector", log)
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(20);

    private static readonly PodCondition NodeIsGone = new()
    {
        Type = "DisruptionTarget", Status = "True", Reason = "DeletionByPodGC", Message = "PodGC: node no longer exists",
    };

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
        foreach (var pod in pods) await Remove(pod, NodeIsGone, $"of the vanished node {key}", cancel);
    }

    public override async Task Run(CancellationToken cancel)
    {
        var work = base.Run(cancel);
        try
        {
            for (; ; await Task.Delay(SweepPeriod, cancel)) await Sweep(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
        await work;
    }

    private async Task Sweep(CancellationToken cancel)
    {
        try
        {
            var pods = informers.Pods.Items;
            foreach (var pod in PodGarbage.Ended(pods, options.EndedPodsKept)) await Remove(pod, null, "that ended long ago", cancel);
            foreach (var pod in pods.Where(PodGarbage.IsUnscheduledTerminating)) await Remove(pod, null, "that was never scheduled", cancel);
            foreach (var pod in pods.Where(pod => pod.Metadata.DeletionTimestamp is not null))
                if (PodGarbage.IsOnNodeOutOfService(pod, informers.Nodes.Get(pod.Spec?.NodeName ?? ""))) await Remove(pod, null, $"of node {pod.Spec!.NodeName}, which is out of service", cancel);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException) { Log($"{Name}: {e.Message}"); }
    }

    private async Task Remove(Pod pod, PodCondition? condition, string why, CancellationToken cancel)
    {
        if (condition is not null || !PodState.IsFinished(pod)) await PodDisruption.Mark(client, pod, condition, "Failed", cancel);
        var force = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
        await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, force);
        Log($"{Name}: removed pod {pod.Key} {why}");
    }
}
