using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Keeps EndpointSlices of Endpoints that are kept by hand for a Service without a selector: readers look at slices only.
/// What to keep is decided by <see cref="MirroredSlices"/>.
/// </summary>
internal sealed class EndpointSliceMirroringController(ApiClient client, SharedInformers informers, EventRecorder events, Action<string> log)
    : Controller("endpointslice-mirroring-controller", log)
{
    private readonly CacheExpectations expectations = new();

    /// <summary>Keys are those of the Endpoints, which are also those of the Services.</summary>
    public override void Watch()
    {
        informers.Endpoints.Changed += (old, updated) => Queue.Add((updated ?? old)!.Key);
        informers.Services.Changed += (old, updated) => Queue.Add((updated ?? old)!.Key);
        informers.EndpointSlices.Changed += (old, updated) =>
        {
            if (IsOurs((updated ?? old)!) && EndpointSliceController.ServiceOf((updated ?? old)!) is { } key) Queue.Add(key);
        };
    }

    private static bool IsOurs(EndpointSlice slice) => slice.Metadata.Labels?.GetValueOrDefault(EndpointSlicePlan.ManagedByLabel) == MirroredSlices.ManagedBy;

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (expectations.IsBehind(key, informers.EndpointSlices.Revision))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        var existing = expectations.WithoutDeleted(key, informers.SlicesByService[key].Where(IsOurs).ToList());
        if (informers.Endpoints.Get(key) is not { Metadata.DeletionTimestamp: null } endpoints || !MirroredSlices.IsMirrored(endpoints, informers.Services.Get(key)))
        {
            foreach (var slice in existing) await Delete(key, slice, cancel);
            if (existing.Count == 0) expectations.Forget(key);
            return;
        }
        var plan = MirroredSlices.Compute(endpoints, existing);
        foreach (var slice in plan.Update) expectations.Wrote(key, (await client.Update(slice, cancel)).Metadata.ResourceVersion);
        foreach (var slice in plan.Create) expectations.Wrote(key, (await client.Create(slice, cancel)).Metadata.ResourceVersion);
        foreach (var slice in plan.Delete) await Delete(key, slice, cancel);
        if (plan.Skipped > 0 && plan.Update.Count + plan.Create.Count + plan.Delete.Count > 0)
            events.Warning(Name, endpoints, "TooManyAddressesToMirror",
                $"A max of {MirroredSlices.MaxPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. {plan.Skipped} addresses were skipped");
    }

    private async Task Delete(string key, EndpointSlice slice, CancellationToken cancel)
    {
        await client.Delete<EndpointSlice>(slice.Namespace, slice.Name, cancel);
        expectations.Deleted(key, slice.Metadata.Uid ?? "");
    }
}
