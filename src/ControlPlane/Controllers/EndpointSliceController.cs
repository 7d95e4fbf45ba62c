using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Keeps the EndpointSlices of every Service that has a selector; slices that others made stay as they are. Slices of a
/// deleted Service go at once, not only with the garbage collector.
/// </summary>
internal sealed class EndpointSliceController(ApiClient client, SharedInformers informers, Action<string> log)
    : ServiceMembersController("endpointslice-controller", informers, log)
{
    private readonly CacheExpectations expectations = new();
    private readonly TriggerTimes triggers = new();

    /// <summary>The key of the Service that a slice is of, or null.</summary>
    public static string? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels?.GetValueOrDefault(EndpointSlicePlan.ServiceNameLabel) is { } name ? $"{slice.Namespace}/{name}" : null;

    public override void Watch()
    {
        base.Watch();
        Informers.EndpointSlices.Changed += (old, updated) =>
        {
            if (IsOurs((updated ?? old)!) && ServiceOf((updated ?? old)!) is { } service) Queue.Add(service);
        };
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (expectations.IsBehind(key, Informers.EndpointSlices.Revision))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        var slices = expectations.WithoutDeleted(key, Informers.SlicesByService[key].Where(IsOurs).ToList());
        if (Informers.Services.Get(key) is not { Metadata.DeletionTimestamp: null } service)
        {
            foreach (var slice in slices) await Delete(key, slice, cancel);
            if (slices.Count == 0) expectations.Forget(key);
            triggers.Forget(key);
            return;
        }
        if (!ServiceEndpoint.IsManaged(service)) return;
        var members = MembersOf(service);
        var plan = EndpointSlicePlan.Compute(service, members, slices, ZoneOf, triggers.Next(key, service, members));
        foreach (var slice in plan.Update) expectations.Wrote(key, (await client.Update(slice, cancel)).Metadata.ResourceVersion);
        foreach (var slice in plan.Create) expectations.Wrote(key, (await client.Create(slice, cancel)).Metadata.ResourceVersion);
        foreach (var slice in plan.Delete) await Delete(key, slice, cancel);
    }

    private async Task Delete(string key, EndpointSlice slice, CancellationToken cancel)
    {
        await client.Delete<EndpointSlice>(slice.Namespace, slice.Name, cancel);
        expectations.Deleted(key, slice.Metadata.Uid ?? "");
    }

    internal static bool IsOurs(EndpointSlice slice) =>
        slice.Metadata.Labels?.GetValueOrDefault(EndpointSlicePlan.ManagedByLabel) == EndpointSlicePlan.ManagedBy;

    private string? ZoneOf(string node) => Informers.Nodes.Get(node)?.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/zone");
}
