using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What every stored object carries besides its own content: its name, identity, version, labels and owners.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")]
public sealed record ObjectMeta
{
    [Field(1)]
    public string? Name { get; init; }

    [Field(2)]
    public string? GenerateName { get; init; }

    [Field(3)]
    public string? Namespace { get; init; }

    [Field(4)]
    public string? SelfLink { get; init; }

    [Field(5)]
    public string? Uid { get; init; }

    [Field(6)]
    public string? ResourceVersion { get; init; }

    [Field(7)]
    public long? Generation { get; init; }

    [Field(8)]
    public DateTime? CreationTimestamp { get; init; }

    [Field(9)]
    public DateTime? DeletionTimestamp { get; init; }

    [Field(10)]
    public long? DeletionGracePeriodSeconds { get; init; }

    [Field(11)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [Field(12)]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    [Field(13, Patch = PatchStrategy.Merge, MergeKey = "uid", List = ListType.Map, ListMapKeys = "uid")]
    public IReadOnlyList<OwnerReference>? OwnerReferences { get; init; }

    [Field(14, Patch = PatchStrategy.Merge, List = ListType.Set)]
    public IReadOnlyList<string>? Finalizers { get; init; }

    [Field(17, List = ListType.Atomic)]
    public IReadOnlyList<ManagedFieldsEntry>? ManagedFields { get; init; }
}

/// <summary>Names an object that this one belongs to; when the owner goes, the garbage collector removes this one too.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference", Atomic = true)]
public sealed record OwnerReference
{
    [Field(1, Required = true)]
    public string Kind { get; init; } = "";

    [Field(3, Required = true)]
    public string Name { get; init; } = "";

    [Field(4, Required = true)]
    public string Uid { get; init; } = "";

    [Field(5, Required = true)]
    public string ApiVersion { get; init; } = "";

    [Field(6)]
    public bool? Controller { get; init; }

    [Field(7)]
    public bool? BlockOwnerDeletion { get; init; }
}

/// <summary>Records which fields of the object one field manager set, for server-side apply.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry")]
public sealed record ManagedFieldsEntry
{
    [Field(1)] [JsonConverter(typeof(SharedTextConverter))]
    public string? Manager { get; init; }

    [Field(2)] [JsonConverter(typeof(SharedTextConverter))]
    public string? Operation { get; init; }

    [Field(3)] [JsonConverter(typeof(SharedTextConverter))]
    public string? ApiVersion { get; init; }

    [Field(4)]
    public DateTime? Time { get; init; }

    [Field(6)] [JsonConverter(typeof(SharedTextConverter))]
    public string? FieldsType { get; init; }

    [Field(7)]
    public FieldsV1? FieldsV1 { get; init; }

    [Field(8)] [JsonConverter(typeof(SharedTextConverter))]
    public string? Subresource { get; init; }
}
