using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>
/// Brings one pod's newest status to the API server, without keeping its worker waiting: only the latest is sent,
/// only where it differs from what the server has, and again until it is taken.
/// </summary>
/// <param name="mirror">For a static pod: the API's pod that stands for it and takes its status; null while there is none.</param>
internal sealed class PodStatusWriter(ApiClient client, Action<string> log, Func<Pod, Pod?>? mirror = null)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200), LongestDelay = TimeSpan.FromSeconds(10);

    private readonly Lock state = new();
    private (Pod Pod, PodStatus Status)? pending;
    private byte[] accepted = [];
    private long acceptedRevision;
    private string? acceptedBy;
    private Task sending = Task.CompletedTask;

    public void Set(Pod pod, PodStatus status, CancellationToken cancel)
    {
        lock (state)
        {
            pending = (pod, status);
            if (sending.IsCompleted) sending = Task.Run(() => Send(cancel), CancellationToken.None);
        }
    }

    /// <summary>Done when the newest status is taken, or the pod is gone from the server.</summary>
    public Task Flush()
    {
        lock (state) return sending;
    }

    private async Task Send(CancellationToken cancel)
    {
        var delay = FirstDelay;
        while (!cancel.IsCancellationRequested)
        {
            (Pod Pod, PodStatus Status) next;
            lock (state)
            {
                if (pending is null)
                {
                    sending = Task.CompletedTask; // from here on Set starts a new one
                    return;
                }
                (next, pending) = (pending.Value, null);
            }
            if (await TrySend(next.Pod, next.Status, cancel))
            {
                delay = FirstDelay;
                continue;
            }
            lock (state) pending ??= next;
            try { await Task.Delay(delay, cancel); }
            catch (OperationCanceledException) { return; }
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    /// <returns>False if it is to be tried again.</returns>
    private async Task<bool> TrySend(Pod pod, PodStatus status, CancellationToken cancel)
    {
        // The end of a static pod is the node's affair: it waits for no answer.
        var mayFail = mirror is not null && pod.Metadata.DeletionTimestamp is not null;
        if (mirror is not null)
        {
            if (mirror(pod) is not { } there) return mayFail;
            pod = there;
        }
        if (pod.Metadata.Uid != acceptedBy) (acceptedBy, accepted) = (pod.Metadata.Uid, []);
        var json = KubeJson.Serialize(status);
        if (json.AsSpan().SequenceEqual(accepted) && !IsOverruled(pod, status)) return true;
        if (accepted.Length == 0 && pod.Status is { } known && json.AsSpan().SequenceEqual(KubeJson.Serialize(known))) return true;
        try
        {
            // The node alone writes this status: without resourceVersion, so that a change of a label does not stand in the way. The uid must match.
            var stored = await client.UpdateStatus(pod with { Metadata = pod.Metadata with { ResourceVersion = null }, Status = status }, cancel);
            (accepted, acceptedRevision) = (json, Revision(stored));
            return true;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return true; // deleted, or another pod of the same name by now; the informer will tell
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or JsonException)
        {
            log($"status of pod {pod.Key}: {e.Message}");
            return mayFail;
        }
        catch (OperationCanceledException) { return true; }
    }

    /// <summary>
    /// Since the last write somebody else said whether the pod is ready: the control plane does, of a node that it lost.
    /// Only the node knows, so it says it again.
    /// </summary>
    private bool IsOverruled(Pod pod, PodStatus status) => Revision(pod) > acceptedRevision && Ready(pod.Status) != Ready(status);

    private static string? Ready(PodStatus? status) => status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status;

    private static long Revision(Pod pod) => long.TryParse(pod.Metadata.ResourceVersion, out var revision) ? revision : 0;
}
