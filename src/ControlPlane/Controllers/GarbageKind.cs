using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>What the garbage collector does with objects of one kind, whatever kind it is.</summary>
/// <param name="Find">The metadata of an object as the server has it now; null if there is none.</param>
/// <param name="PatchMetadata">Merge patch of the metadata.</param>
internal sealed record GarbageKind(Resource Resource,
    Func<string, string, CancellationToken, Task<ObjectMeta?>> Find,
    Func<string, string, DeleteOptions, CancellationToken, Task> Delete,
    Func<string, string, object, CancellationToken, Task> PatchMetadata)
{
    public static GarbageKind Of<T>(ApiClient client) where T : KubeObject => new(Resource.Of<T>(),
        async (ns, name, cancel) => (await client.Find<T>(ns, name, cancel))?.Metadata,
        (ns, name, options, cancel) => client.Delete<T>(ns, name, cancel, options),
        (ns, name, metadata, cancel) => client.MergePatch<T>(ns, name, new { metadata }, cancel));
}
