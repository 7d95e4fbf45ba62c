using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What every stored object carries besides its own content: its name, identity, version, labels and owners.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")]
public sealed record ObjectMeta
{
    /// <summary>
    /// Name of the object, unique among those of its kind in its namespace. Needed to create an object unless generateName is
    /// set; cannot be changed.
    /// </summary>
    [Field(1)]
    public string? Name { get; init; }

    /// <summary>Beginning of a name that the server completes with five random characters, where no name is given.</summary>
    [Field(2)]
    public string? GenerateName { get; init; }

    /// <summary>
    /// The namespace that the object belongs to; empty for kinds that have none. Cannot be changed. Default where a namespace
    /// is needed: default.
    /// </summary>
    [Field(3)]
    public string? Namespace { get; init; }

    /// <summary>Formerly the address of the object. No longer set.</summary>
    [Field(4)]
    public string? SelfLink { get; init; }

    /// <summary>Identity of this object in time and space: another object of the same name has another one. Set by the server.</summary>
    [Field(5)]
    public string? Uid { get; init; }

    /// <summary>
    /// Version of the object, which every write changes. Clients send it back unchanged to have a write refused if somebody
    /// else was faster; it has no other meaning for them.
    /// </summary>
    [Field(6)]
    public string? ResourceVersion { get; init; }

    /// <summary>Counts the changes of the wanted state. Set by the server.</summary>
    [Field(7)]
    public long? Generation { get; init; }

    /// <summary>When the object was created. Set by the server.</summary>
    [Field(8)]
    public DateTime? CreationTimestamp { get; init; }

    /// <summary>
    /// When the object is to be gone, because its deletion was requested; absent while nobody asked for it. Set by the server
    /// and never taken back.
    /// </summary>
    [Field(9)]
    public DateTime? DeletionTimestamp { get; init; }

    /// <summary>
    /// Seconds that the object may take to end, counted from the request for its deletion; may only be shortened. Set by the
    /// server.
    /// </summary>
    [Field(10)]
    public long? DeletionGracePeriodSeconds { get; init; }

    /// <summary>
    /// Names and values by which objects are grouped and selected. Keys and values have at most 63 characters, keys may have a
    /// prefix such as example.com/.
    /// </summary>
    [Field(11)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Names and values that tools attach and read; they select nothing. All together may have up to 256 KiB.</summary>
    [Field(12)]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>
    /// Objects that this one belongs to. When none of them is left, the garbage collector deletes this one. At most one of them
    /// is the managing controller.
    /// </summary>
    [Field(13, Patch = PatchStrategy.Merge, MergeKey = "uid", List = ListType.Map, ListMapKeys = "uid")]
    public IReadOnlyList<OwnerReference>? OwnerReferences { get; init; }

    /// <summary>
    /// Names of those who must do something before the object may go. Once its deletion is requested, each removes its own
    /// entry; the last one gone, the object goes.
    /// </summary>
    [Field(14, Patch = PatchStrategy.Merge, List = ListType.Set)]
    public IReadOnlyList<string>? Finalizers { get; init; }

    /// <summary>Which fields each manager set and therefore owns. Kept by the server for server-side apply.</summary>
    [Field(17, List = ListType.Atomic)]
    public IReadOnlyList<ManagedFieldsEntry>? ManagedFields { get; init; }
}

/// <summary>Names an object that this one belongs to; when the owner goes, the garbage collector removes this one too.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference", Atomic = true)]
public sealed record OwnerReference
{
    /// <summary>Kind of the owner.</summary>
    [Field(1, Required = true)]
    public string Kind { get; init; } = "";

    /// <summary>Name of the owner, which is in the same namespace or has none.</summary>
    [Field(3, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Identity of the owner; an object of the same name with another uid is not the owner.</summary>
    [Field(4, Required = true)]
    public string Uid { get; init; } = "";

    /// <summary>Group and version of the owner's kind.</summary>
    [Field(5, Required = true)]
    public string ApiVersion { get; init; } = "";

    /// <summary>True for the one owner that manages this object.</summary>
    [Field(6)]
    public bool? Controller { get; init; }

    /// <summary>True if an owner that is deleted in the foreground has to wait until this object is gone. Default: false.</summary>
    [Field(7)]
    public bool? BlockOwnerDeletion { get; init; }
}

/// <summary>Records which fields of the object one field manager set, for server-side apply.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry")]
public sealed record ManagedFieldsEntry
{
    /// <summary>Name of the program or person that wrote the fields.</summary>
    [Field(1)] [JsonConverter(typeof(SharedTextConverter))]
    public string? Manager { get; init; }

    /// <summary>How they were written: Apply or Update.</summary>
    [Field(2)] [JsonConverter(typeof(SharedTextConverter))]
    public string? Operation { get; init; }

    /// <summary>Version of the kind in which the fields are written.</summary>
    [Field(3)] [JsonConverter(typeof(SharedTextConverter))]
    public string? ApiVersion { get; init; }

    /// <summary>When the entry was last changed.</summary>
    [Field(4)]
    public DateTime? Time { get; init; }

    /// <summary>How fieldsV1 is to be read. Always FieldsV1.</summary>
    [Field(6)] [JsonConverter(typeof(SharedTextConverter))]
    public string? FieldsType { get; init; }

    /// <summary>The fields, as a tree.</summary>
    [Field(7)]
    public FieldsV1? FieldsV1 { get; init; }

    /// <summary>
    /// Through which part of the object they were written, e.g. status; empty for the object itself. Entries that differ in
    /// this count as different managers.
    /// </summary>
    [Field(8)] [JsonConverter(typeof(SharedTextConverter))]
    public string? Subresource { get; init; }
}
