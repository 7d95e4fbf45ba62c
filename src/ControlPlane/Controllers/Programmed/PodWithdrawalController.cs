using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Programmed;

/// <summary>
/// Notes on a pod that is being deleted that it is out of the rules of all ready nodes: every slice that it is in says that it ends, and every
/// kernel holds that. Its node waits for this before it sends the stop signal (bounded, see the agent's EndpointWithdrawal), so that no new
/// connection meets a program that ends. One write for each pod that was behind a Service, none for others.
/// </summary>
internal sealed class PodWithdrawalController(ApiClient client, SharedInformers informers, NeededRevisions needed, NodeReports reports, EventRecorder events, Action<string> log)
    : Controller("pod-withdrawal-controller", log)
{
    /// <summary>After this the pod gets an event with the nodes' names.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    private sealed class Ending
    {
        /// <summary>Of EndpointSlices, by which all slices say that the pod ends; 0: they do not yet. Set once: later changes of other pods' endpoints do not matter to it.</summary>
        public long Revision;

        public long SeenAt { get; } = Environment.TickCount64;
        public bool Told;
    }

    /// <summary>Pods that end and are not noted to be out, by their keys.</summary>
    private readonly ConcurrentDictionary<string, Ending> ending = [];

    public override void Watch()
    {
        informers.Pods.Changed += (before, after) =>
        {
            if (after is not null && !IsEnding(after) && (before is null || !IsEnding(before))) return;
            Queue.Add((after ?? before)!.Key);
        };
        informers.EndpointSlices.Changed += (_, after) =>
        {
            if (ending.IsEmpty) return;
            foreach (var endpoint in after?.Endpoints ?? [])
                if (endpoint is { Conditions.Terminating: true, TargetRef.Name: { } pod } && ending.ContainsKey($"{after!.Namespace}/{pod}")) Queue.Add($"{after.Namespace}/{pod}");
        };
        reports.Moved += _ =>
        {
            foreach (var pod in ending.Keys) Queue.Add(pod);
        };
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Pods.Get(key) is not { } pod || !IsEnding(pod))
        {
            ending.TryRemove(key, out _);
            return;
        }
        var state = ending.GetOrAdd(key, _ => new Ending());
        if (state.Revision == 0) state.Revision = WithdrawnAt(pod);
        if (state.Revision == 0) return; // looked at again when a slice says that it ends
        if (reports.Lowest is not { } lowest || lowest.EndpointSlices >= state.Revision) await Note(pod, state.Revision, cancel);
        else Wait(key, pod, state);
    }

    private void Wait(string key, Pod pod, Ending state)
    {
        var left = Late - TimeSpan.FromMilliseconds(Environment.TickCount64 - state.SeenAt);
        if (left > TimeSpan.Zero) Queue.AddAfter(key, left);
        else if (!state.Told && reports.Lagging(new(0, state.Revision)) is { Count: > 0 } lagging)
        {
            state.Told = true;
            events.Warning(Name, pod, "EndpointsNotWithdrawn", $"Still in the Service rules of {string.Join(", ", lagging.Take(5))}{(lagging.Count > 5 ? $" and {lagging.Count - 5} more" : "")}");
        }
    }

    private async Task Note(Pod pod, long revision, CancellationToken cancel)
    {
        var annotations = new Dictionary<string, string> { [ProgrammedRevisions.WithdrawnAnnotation] = $"{revision}" };
        try { await client.MergePatch<Pod>(pod.Namespace, pod.Name, new { metadata = new { uid = pod.Metadata.Uid, annotations } }, cancel); }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict) { } // gone, or another of that name by now
        ending.TryRemove(pod.Key, out _);
    }

    /// <summary>0: in no slice of ours, or in one that does not say yet that it ends.</summary>
    private long WithdrawnAt(Pod pod)
    {
        var revision = 0L;
        foreach (var service in informers.ServicesByNamespace[pod.Namespace].Where(service => ServiceMembersController.Selects(service, pod)))
            foreach (var slice in informers.SlicesByService[service.Key].Where(EndpointSliceController.IsOurs))
            {
                if (slice.Endpoints?.FirstOrDefault(endpoint => endpoint.TargetRef?.Uid == pod.Metadata.Uid) is not { } endpoint) continue;
                if (endpoint.Conditions?.Terminating != true) return 0;
                // The slice is seen here before the informer's listeners hear of it: what is needed may still be that of an earlier one.
                revision = Math.Max(revision, Math.Max(needed[service.Key].EndpointSlices, NeededRevisions.Revision(slice)));
            }
        return revision;
    }

    private static bool IsEnding(Pod pod) => pod is { Metadata.DeletionTimestamp: not null, Metadata.DeletionGracePeriodSeconds: > 0, Spec.NodeName.Length: > 0 }
        && !PodState.IsFinished(pod) && pod.Metadata.Annotations?.ContainsKey(ProgrammedRevisions.WithdrawnAnnotation) != true;
}
