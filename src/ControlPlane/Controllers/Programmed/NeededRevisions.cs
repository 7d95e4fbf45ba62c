using System.Collections.Concurrent;
using System.Globalization;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Programmed;

/// <summary>
/// At which revision each Service last changed in a way that nodes must program, and its slices. An object's own resourceVersion does not tell:
/// it also moves with labels and conditions. After a start it is taken for that, though: nodes have seen it, and say so with their next report.
/// </summary>
internal sealed class NeededRevisions
{
    private readonly ConcurrentDictionary<string, ProgrammedRevisions> byService = [];

    /// <summary>Services that have lost a slice since the informer last said where it is: a deletion is told without its revision.</summary>
    private readonly HashSet<string> lost = [];

    /// <summary>A Service, by its key, needs a later revision than before. Called by an informer's thread.</summary>
    public event Action<string>? Changed;

    /// <summary>What a node must hold to have the Service, by its key, as it is now.</summary>
    public ProgrammedRevisions this[string service] => byService.GetValueOrDefault(service);

    public void Forget(string service) => byService.TryRemove(service, out _);

    public void Watch(SharedInformers informers)
    {
        informers.Services.Changed += ServiceChanged;
        informers.EndpointSlices.Changed += SliceChanged;
        informers.EndpointSlices.Advanced += SlicesAdvanced;
    }

    public void ServiceChanged(Service? before, Service? after)
    {
        if (RoutingChange.Of(before, after)) Need(after!.Key, new(Revision(after), 0));
    }

    public void SliceChanged(EndpointSlice? before, EndpointSlice? after)
    {
        if (!RoutingChange.Of(before, after)) return;
        var (left, joined) = (before is null ? null : EndpointSliceController.ServiceOf(before), after is null ? null : EndpointSliceController.ServiceOf(after));
        if (joined is not null) Need(joined, new(0, Revision(after!)));
        if (left is not null && left != joined) lost.Add(left);
    }

    public void SlicesAdvanced(long revision)
    {
        foreach (var service in lost) Need(service, new(0, revision));
        lost.Clear();
    }

    private void Need(string service, ProgrammedRevisions needed)
    {
        byService.AddOrUpdate(service, needed, (_, before) => ProgrammedRevisions.Higher(before, needed));
        Changed?.Invoke(service);
    }

    internal static long Revision(KubeObject obj) => long.TryParse(obj.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;
}
