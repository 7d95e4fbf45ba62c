using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Lists and deletes the objects of one namespaced kind, whatever kind it is.</summary>
/// <param name="DeleteAll">Deletes what is in a namespace; tells how many objects it found, also those that take time to go.</param>
internal sealed record NamespaceContents(string Resource, Func<string, CancellationToken, Task<int>> DeleteAll)
{
    /// <summary>Every namespaced kind that is kept. What a controller makes anew in between is refused: the namespace is ending.</summary>
    public static IReadOnlyList<NamespaceContents> AllKinds(ApiClient client) =>
        Kinds.Stored.Where(kind => kind.Resource.Namespaced).Select(kind => kind.With(new OfKind(client))).ToList();

    private sealed record OfKind(ApiClient Client) : IKindAction<NamespaceContents>
    {
        public NamespaceContents Run<T>() where T : KubeObject => Of<T>(Client);
    }

    private static NamespaceContents Of<T>(ApiClient client) where T : KubeObject => new(KubeApi.Resource.Of<T>().QualifiedName, async (ns, cancel) =>
    {
        var list = await client.List<T>(new ListOptions(ns), cancel);
        var alive = list.Items.Where(item => item.Metadata.DeletionTimestamp is null);
        await Task.WhenAll(alive.Select(item => client.Delete<T>(ns, item.Name, cancel, new DeleteOptions { PropagationPolicy = "Background" })));
        return list.Items.Count;
    });
}
