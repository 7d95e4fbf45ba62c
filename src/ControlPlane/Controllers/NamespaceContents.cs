using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Lists and deletes the objects of one namespaced kind, whatever kind it is.</summary>
/// <param name="DeleteAll">Deletes what is in a namespace; tells how many objects it found, also those that take time to go.</param>
internal sealed record NamespaceContents(string Resource, Func<string, CancellationToken, Task<int>> DeleteAll)
{
    /// <summary>Every namespaced kind that is served. Owners come first, so that they do not replace what is deleted.</summary>
    public static IReadOnlyList<NamespaceContents> AllKinds(ApiClient client) =>
    [
        Of<Deployment>(client), Of<ReplicaSet>(client), Of<ReplicationController>(client), Of<Service>(client), Of<Pod>(client),
        Of<EndpointSlice>(client), Of<Endpoints>(client), Of<ConfigMap>(client), Of<Secret>(client), Of<ServiceAccount>(client),
        Of<Lease>(client), Of<Event>(client),
    ];

    private static NamespaceContents Of<T>(ApiClient client) where T : KubeObject => new(KubeApi.Resource.Of<T>().Plural, async (ns, cancel) =>
    {
        var list = await client.List<T>(new ListOptions(ns), cancel);
        var alive = list.Items.Where(item => item.Metadata.DeletionTimestamp is null);
        await Task.WhenAll(alive.Select(item => client.Delete<T>(ns, item.Name, cancel, new DeleteOptions { PropagationPolicy = "Background" })));
        return list.Items.Count;
    });
}
