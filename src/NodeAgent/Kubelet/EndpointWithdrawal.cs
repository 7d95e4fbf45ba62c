using System.Collections.Concurrent;
using System.Globalization;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>Whether the stop signal of a pod's containers has to wait.</summary>
internal enum Withdrawal
{
    /// <summary>No rule leads to it.</summary>
    Done,

    /// <summary>Some node may still send it new connections.</summary>
    Pending,

    /// <summary>No rule leads to it any more, but connections that one led there a moment ago may be waiting for their first answer.</summary>
    Settling,

    /// <summary>So it was for as long as it may be.</summary>
    Overdue,
}

/// <summary>
/// A pod that is deleted gets its stop signal when no ready node sends it new connections any more, so that a program may end at once on SIGTERM
/// and nothing has to sleep in preStop. The control plane notes that on the pod (<see cref="ProgrammedRevisions.WithdrawnAnnotation"/>). Only pods
/// wait that are behind a Service, as ready or as ending ones: that this agent sees in its own copy of the slices. Their preStop hooks run meanwhile.
/// </summary>
/// <param name="longest">How long the signal may wait at most; zero: not at all.</param>
/// <param name="listed">Done when all slices are known.</param>
internal sealed class EndpointWithdrawal(string node, TimeSpan longest, Task listed)
{
    /// <summary>The program needs time to end, too.</summary>
    private const int LargestPartOfGrace = 2;

    /// <summary>How soon to look again while slices are being listed.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// From the last rule's end to the signal: for what was on its way when it ended. Those who are served longer than that keep their connection
    /// for as long as the program wants, as everywhere.
    /// </summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, int> routed = [];

    /// <summary>To be told of every slice, before they are listed. Keeps the pods of this node, and how many slices each is in.</summary>
    public void Changed(EndpointSlice? before, EndpointSlice? after)
    {
        // In this order: a pod that is in both must at no moment seem to be in none, since another thread may look.
        foreach (var uid in Routed(after)) Count(uid, +1);
        foreach (var uid in Routed(before)) Count(uid, -1);
    }

    /// <param name="pod">One that is being deleted.</param>
    /// <param name="since">When it was first seen to wait; null: it has not.</param>
    /// <param name="settling">When it was first seen that it is out of all rules; null: it was not.</param>
    /// <returns>With the time at which to look again.</returns>
    public (Withdrawal State, DateTime? Wake) Of(Pod pod, DateTime? since, DateTime? settling, DateTime now)
    {
        var grace = StopPlan.Grace(pod.Metadata.DeletionGracePeriodSeconds ?? 0) / LargestPartOfGrace;
        var bound = grace < longest ? grace : longest;
        if (bound <= TimeSpan.Zero) return (Withdrawal.Done, null);
        if (pod.Metadata.Annotations?.ContainsKey(ProgrammedRevisions.WithdrawnAnnotation) == true)
            return (settling ?? now) + (Settle < bound ? Settle : bound) is var settled && now < settled ? (Withdrawal.Settling, settled) : (Withdrawal.Done, null);
        // One that waited before this agent started may be in no slice any more when that has listed them: it is out then.
        if (listed.IsCompletedSuccessfully && !routed.ContainsKey(pod.Metadata.Uid ?? "")) return (Withdrawal.Done, null);
        var end = (since ?? now) + bound;
        if (now >= end) return (Withdrawal.Overdue, null);
        return (Withdrawal.Pending, listed.IsCompletedSuccessfully || end < now + Look ? end : now + Look);
    }

    /// <summary>What the event of a pod says that had to go before.</summary>
    public string Message => string.Create(CultureInfo.InvariantCulture, $"Stopping although some node may still send it new connections: not out of all Service rules after {longest.TotalSeconds:0.###}s or half its grace period");

    /// <summary>Pods of this node that rules may lead to. Only of slices whose endpoints are marked when their pod ends.</summary>
    private IEnumerable<string> Routed(EndpointSlice? slice) =>
        slice?.Metadata.Labels?.GetValueOrDefault("endpointslice.kubernetes.io/managed-by") != "endpointslice-controller.k8s.io" ? []
        : (slice.Endpoints ?? []).Where(endpoint => endpoint.NodeName == node && endpoint.Conditions is not { Ready: false, Serving: false })
            .Select(endpoint => endpoint.TargetRef?.Uid).OfType<string>().Distinct();

    private void Count(string uid, int change)
    {
        var count = routed.AddOrUpdate(uid, change, (_, before) => before + change);
        if (count == 0) routed.TryRemove(uid, out _);
    }
}
