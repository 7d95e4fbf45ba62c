using System.Collections.Concurrent;
using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>
/// Binds pods without a node to one. A pod that fits nowhere says why in its condition PodScheduled and waits until
/// nodes or other pods change.
/// </summary>
internal sealed class PodScheduler(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log)
    : Controller("default-scheduler", log)
{
    private static readonly TimeSpan RetryUnschedulable = TimeSpan.FromMinutes(1);

    private readonly SchedulerCache cache = new();
    private readonly ConcurrentDictionary<string, bool> unschedulable = [];

    public override void Watch()
    {
        informers.Nodes.Changed += (old, updated) =>
        {
            cache.NodeChanged(old, updated);
            RetryWaiting();
        };
        informers.Pods.Changed += (old, updated) =>
        {
            cache.PodChanged(old, updated);
            if (updated is null || PodState.IsFinished(updated)) RetryWaiting(); // room, perhaps
            if (updated is not null && IsForMe(updated) && !(unschedulable.ContainsKey(updated.Key) && SameWishes(old, updated))) Queue.Add(updated.Key);
        };
    }

    private static bool IsForMe(Pod pod) => string.IsNullOrEmpty(pod.Spec?.NodeName) && PodState.IsActive(pod)
        && pod.Spec?.SchedulerName is null or "" or "default-scheduler" && pod.Spec?.SchedulingGates is not { Count: > 0 };

    /// <summary>Only the status differs, mostly because the scheduler itself wrote why the pod waits.</summary>
    private static bool SameWishes(Pod? old, Pod updated) =>
        old is not null && KubeJson.Serialize(old.Spec!).AsSpan().SequenceEqual(KubeJson.Serialize(updated.Spec!));

    private void RetryWaiting()
    {
        foreach (var key in unschedulable.Keys) Queue.Add(key);
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Pods.Get(key) is not { } pod || !IsForMe(pod))
        {
            unschedulable.TryRemove(key, out _);
            return;
        }
        if (cache.Knows(pod)) return; // bound a moment ago: the watch has not told yet
        unschedulable[key] = true; // before the attempt: a change during it must lead to another one
        var (node, message) = cache.Assume(pod, informers.ServicesByNamespace[pod.Namespace]);
        if (node is null)
        {
            await ReportUnschedulable(pod, message, cancel);
            Queue.AddAfter(key, RetryUnschedulable);
            return;
        }
        try { await Bind(pod, node, cancel); }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            cache.Forget(pod); // deleted or bound by another meanwhile: the watch will tell
            return;
        }
        catch
        {
            cache.Forget(pod);
            throw;
        }
        unschedulable.TryRemove(key, out _);
        events.Normal(Name, pod, "Scheduled", $"Successfully assigned {pod.Key} to {node}");
    }

    private Task Bind(Pod pod, string node, CancellationToken cancel) => client.Post<Pod>(pod.Namespace, pod.Name, "binding", new Binding
    {
        Kind = "Binding", ApiVersion = "v1",
        Metadata = new ObjectMeta { Name = pod.Name, Namespace = pod.Namespace, Uid = pod.Metadata.Uid },
        Target = new ObjectReference { Kind = "Node", Name = node },
    }, cancel);

    private async Task ReportUnschedulable(Pod pod, string message, CancellationToken cancel)
    {
        events.Warning(Name, pod, "FailedScheduling", message);
        var old = PodState.Condition(pod, "PodScheduled");
        if (old is { Status: "False" } && old.Message == message) return;
        var condition = new PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message };
        var conditions = PodState.WithCondition(pod, condition, DateTime.UtcNow);
        var patch = new { metadata = new { uid = pod.Metadata.Uid, resourceVersion = pod.Metadata.ResourceVersion }, status = new { conditions } };
        await client.MergePatch<Pod>(pod.Namespace, pod.Name, patch, cancel, "status");
    }
}
