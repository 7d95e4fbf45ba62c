using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>
/// Binds pods without a node to one. A pod that fits nowhere says why in its condition PodScheduled and waits until
/// something changes that may help it.
/// </summary>
internal sealed class PodScheduler : Controller
{
    private const string SchedulerName = "default-scheduler";

    /// <summary>Decisions are made one at a time; so many bindings may be on their way to the server.</summary>
    private const int Bindings = 16;

    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(30);

    private readonly ApiClient client;
    private readonly SharedInformers informers;
    private readonly EventRecorder events;
    private readonly SchedulerCache cache;
    private readonly SchedulingQueue waiting;

    public PodScheduler(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log) : base(SchedulerName, log)
    {
        (this.client, this.informers, this.events) = (client, informers, events);
        cache = new SchedulerCache(ns => informers.Namespaces.Get(ns)?.Metadata.Labels);
        waiting = new SchedulingQueue((key, delay) =>
        {
            if (delay > TimeSpan.Zero) Queue.AddAfter(key, delay);
            else Queue.Add(key);
        }, TimeProvider.System);
    }

    public override void Watch()
    {
        informers.Nodes.Changed += NodeChanged;
        informers.Pods.Changed += PodChanged;
        informers.Namespaces.Changed += (old, updated) =>
        {
            if (SameLabels(old, updated)) return;
            cache.NamespaceChanged();
            waiting.Happened(Obstacle.PodAffinity);
        };
    }

    public override async Task Run(CancellationToken cancel)
    {
        var work = Queue.Run(Reconcile, (key, e) => Log($"{Name}: {key}: {e.Message}"), Bindings, cancel);
        try
        {
            for (; ; waiting.Sweep()) await Task.Delay(SweepPeriod, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
        await work;
    }

    private void NodeChanged(Node? old, Node? updated)
    {
        cache.NodeChanged(old, updated);
        if (updated is null) waiting.Happened(Obstacle.TopologySpread); // a domain less
        else if (old is null || !SameForScheduling(old, updated))
        {
            waiting.Happened(Obstacle.OfNode | Obstacle.NoNodes, pod => cache.Fits(pod, updated.Name));
            if (!SameLabels(old, updated)) waiting.Happened(Obstacle.TopologySpread | Obstacle.PodAffinity);
        }
    }

    private void PodChanged(Pod? old, Pod? updated)
    {
        cache.PodChanged(old, updated);
        if (updated is not null && IsForMe(updated))
        {
            if (!waiting.IsWaiting(updated.Key) || !SameWishes(old, updated)) Queue.Add(updated.Key);
            return;
        }
        if (updated is null) waiting.Forget(old!.Key);
        Tell(old, updated);
    }

    /// <summary>What the change of a pod that has a node means to those that have none.</summary>
    private void Tell(Pod? old, Pod? updated)
    {
        var node = (updated ?? old)!.Spec?.NodeName;
        if (string.IsNullOrEmpty(node)) return;
        var before = old is not null && !PodState.IsFinished(old) && !string.IsNullOrEmpty(old.Spec?.NodeName) ? old : null;
        var after = updated is not null && !PodState.IsFinished(updated) ? updated : null;
        if (before is not null && after is null) waiting.Happened(Obstacle.Ports | Obstacle.Resources, pod => cache.Fits(pod, node));
        var same = before is null ? after is null : after is not null && SameLabels(before, after) && PodState.IsActive(before) == PodState.IsActive(after);
        if (!same) waiting.Happened(Obstacle.TopologySpread | Obstacle.PodAffinity);
    }

    private static bool IsForMe(Pod pod) => string.IsNullOrEmpty(pod.Spec?.NodeName) && PodState.IsActive(pod)
        && pod.Spec?.SchedulerName is null or "" or SchedulerName && pod.Spec?.SchedulingGates is not { Count: > 0 };

    /// <summary>Only the status differs, mostly because the scheduler itself wrote why the pod waits.</summary>
    private static bool SameWishes(Pod? old, Pod updated) => old is not null && Same(old.Spec, updated.Spec) && SameLabels(old, updated);

    private static bool SameForScheduling(Node old, Node updated) =>
        SameLabels(old, updated) && Same(old.Spec, updated.Spec) && Same(old.Status?.Allocatable, updated.Status?.Allocatable) && NodeHealth.Ready(old) == NodeHealth.Ready(updated);

    private static bool SameLabels(KubeObject? old, KubeObject? updated) => Same(old?.Metadata.Labels, updated?.Metadata.Labels);

    private static bool Same(object? left, object? right) =>
        ReferenceEquals(left, right) || left is not null && right is not null && KubeJson.Serialize(left).AsSpan().SequenceEqual(KubeJson.Serialize(right));

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Pods.Get(key) is not { } pod || !IsForMe(pod))
        {
            waiting.Forget(key);
            return;
        }
        if (cache.Knows(pod)) return; // bound a moment ago: the watch has not told yet
        var startedAt = waiting.Now;
        var decision = cache.Assume(pod, informers.ServicesByNamespace[pod.Namespace]);
        if (decision.Node is not { } node)
        {
            waiting.Failed(key, new PodInfo(pod), decision.Obstacles, startedAt);
            await ReportUnschedulable(pod, decision.Message, cancel);
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
        waiting.Forget(key);
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
        if (old is { Status: "False", Reason: "Unschedulable" } && old.Message == message) return;
        var condition = new PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message };
        var conditions = PodState.WithCondition(pod, condition, DateTime.UtcNow);
        var patch = new { metadata = new { uid = pod.Metadata.Uid, resourceVersion = pod.Metadata.ResourceVersion }, status = new { conditions } };
        try { await client.MergePatch<Pod>(pod.Namespace, pod.Name, patch, cancel, "status"); }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict) { } // it has changed meanwhile: the watch will tell
    }
}
