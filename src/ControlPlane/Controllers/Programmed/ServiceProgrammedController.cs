using System.Collections.Concurrent;
using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Programmed;

/// <summary>
/// Says by a condition of each Service whether the kernels of all ready nodes hold its spec and its endpoints, so that
/// <c>kubectl wait --for=condition=Programmed service/NAME</c> can be waited for. A change of a spec takes the condition away in the same
/// write (<see cref="Registry.ServiceRegistry"/>), so that a True is never of an older one.
/// </summary>
internal sealed class ServiceProgrammedController(ApiClient client, SharedInformers informers, NeededRevisions needed, NodeReports reports, TimeSpan patience, Action<string> log)
    : Controller("service-programmed-controller", log)
{
    private readonly CacheExpectations expectations = new();

    /// <summary>Services whose condition should be another than it is, with the time since when.</summary>
    private readonly ConcurrentDictionary<string, long> differing = [];

    public override void Watch()
    {
        informers.Services.Changed += (before, after) => Queue.Add((after ?? before)!.Key);
        needed.Changed += Queue.Add;
        reports.Moved += less =>
        {
            // What is programmed stays so while nodes go forward: only what waits is looked at.
            foreach (var service in less ? informers.Services.Items.Select(service => service.Key) : differing.Keys) Queue.Add(service);
        };
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Services.Get(key) is not { } service)
        {
            differing.TryRemove(key, out _);
            expectations.Forget(key);
            if (informers.SlicesByService[key].Count == 0) needed.Forget(key);
            return;
        }
        if (expectations.IsBehind(key, informers.Services.Revision))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        var (stored, now) = (ProgrammedCondition.Of(service), Now(key, service));
        if (ProgrammedCondition.WriteAfter(stored, now, DateTime.UtcNow, patience) is not { } wait)
        {
            // A condition that is not True is looked at again when nodes have moved.
            if (now.Status == "True") differing.TryRemove(key, out _);
            else differing.TryAdd(key, Stopwatch.GetTimestamp());
            return;
        }
        var left = wait - Stopwatch.GetElapsedTime(differing.GetOrAdd(key, _ => Stopwatch.GetTimestamp()));
        if (left > TimeSpan.Zero)
        {
            Queue.AddAfter(key, left);
            return;
        }
        await Write(service, stored, now, cancel);
        if (now.Status == "True") differing.TryRemove(key, out _);
        else differing[key] = Stopwatch.GetTimestamp();
    }

    private Condition Now(string key, Service service)
    {
        var (need, lowest) = (needed[key], reports.Lowest);
        return ProgrammedCondition.Now(service, lowest is not null, lowest?.Covers(need) != false ? [] : reports.Lagging(need), sliced: need.EndpointSlices > 0);
    }

    private async Task Write(Service service, Condition? stored, Condition now, CancellationToken cancel)
    {
        var condition = now with { LastTransitionTime = TransitionTime(stored?.Status, stored?.LastTransitionTime, now.Status, DateTime.UtcNow) };
        Condition[] conditions = [.. (service.Status?.Conditions ?? []).Where(other => other.Type != ProgrammedCondition.Type), condition];
        var patch = new { metadata = new { uid = service.Metadata.Uid, resourceVersion = service.Metadata.ResourceVersion }, status = new { conditions } };
        try { expectations.Wrote(service.Key, (await client.MergePatch<Service>(service.Namespace, service.Name, patch, cancel, "status")).Metadata.ResourceVersion); }
        catch (ApiException e) when (e.IsNotFound) { }
    }
}
