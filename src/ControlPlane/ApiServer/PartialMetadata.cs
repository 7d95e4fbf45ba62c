using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Objects reduced to their metadata (meta.k8s.io/v1 PartialObjectMetadata), for clients that need no more.</summary>
internal static class PartialMetadata
{
    public sealed record Item : KubeObject;

    public static Item Of(KubeObject obj) => new() { Kind = "PartialObjectMetadata", ApiVersion = "meta.k8s.io/v1", Metadata = obj.Metadata };

    public static KubeList<Item> List(IEnumerable<KubeObject> items, ListMeta meta) => new()
    {
        Kind = "PartialObjectMetadataList", ApiVersion = "meta.k8s.io/v1", Metadata = meta, Items = items.Select(Of).ToList(),
    };
}
