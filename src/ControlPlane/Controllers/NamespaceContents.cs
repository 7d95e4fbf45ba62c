using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Empties a namespace of the objects of one kind, whatever kind it is.</summary>
/// <param name="DeleteAll">Asks the server to delete all that is there; gives the metadata of what remains, e.g. for its grace period.</param>
internal sealed record NamespaceContents(Resource Resource, Func<string, CancellationToken, Task<IReadOnlyList<ObjectMeta>>> DeleteAll)
{
    /// <summary>
    /// Every namespaced kind that is served: pods alone in the first group, so that what they use outlives them
    /// (KEP-5080, ordered namespace deletion).
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<NamespaceContents>> InOrder(ApiClient client) =>
        Kinds.Stored.Where(kind => kind.Resource.Namespaced).Select(kind => kind.With(new OfKind(client)))
            .GroupBy(kind => kind.Resource.Type != typeof(Pod)).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();

    private sealed record OfKind(ApiClient Client) : IKindAction<NamespaceContents>
    {
        public NamespaceContents Run<T>() where T : KubeObject => new(Resource.Of<T>(), async (ns, cancel) =>
        {
            var present = await Client.List<T>(new ListOptions(ns), cancel);
            if (present.Items.Count == 0) return [];
            if (present.Items.Any(item => item.Metadata.DeletionTimestamp is null))
            {
                await Client.DeleteCollection<T>(ns, cancel, new DeleteOptions { PropagationPolicy = "Background" });
                present = await Client.List<T>(new ListOptions(ns), cancel);
            }
            return present.Items.Select(item => item.Metadata).ToList();
        });
    }
}
