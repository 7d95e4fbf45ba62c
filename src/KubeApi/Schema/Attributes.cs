namespace KubeApi.Schema;

/// <summary>
/// How a strategic merge patch treats a field (API field extension x-kubernetes-patch-strategy). Without one, objects
/// and maps merge and lists are replaced.
/// </summary>
[Flags]
public enum PatchStrategy { None = 0, Merge = 1, RetainKeys = 2, Replace = 4 }

/// <summary>Who owns the entries of a list under server-side apply (x-kubernetes-list-type).</summary>
public enum ListType { None, Atomic, Set, Map }

/// <summary>The full name of an API type in Kubernetes' published schema, e.g. <c>io.k8s.api.core.v1.PodSpec</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ApiTypeAttribute(string name) : Attribute
{
    public string Name => name;

    /// <summary>Server-side apply owns the whole object, never single fields of it (x-kubernetes-map-type: atomic).</summary>
    public bool Atomic { get; init; }

    /// <summary>The metadata of this kind may not be left out, as that of others may.</summary>
    public bool MetadataRequired { get; init; }

    /// <summary>The one field of a union, of which at most one is set (x-kubernetes-unions); empty where there is none.</summary>
    public string Union { get; init; } = "";

    /// <summary>The field that names the chosen field of the union; empty where none does.</summary>
    public string UnionDiscriminator { get; init; } = "";
}

/// <summary>Marks a record as a kind with a REST resource, and says where that resource is found.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KindAttribute(string group, string version, string kind, string plural) : Attribute
{
    public string Group => group;
    public string Version => version;
    public string Kind => kind;
    public string Plural => plural;
    public bool Namespaced { get; init; } = true;

    /// <summary>Comma-separated short names that kubectl accepts, e.g. <c>po</c>.</summary>
    public string ShortNames { get; init; } = "";

    /// <summary>Comma-separated categories; <c>all</c> makes the kind part of <c>kubectl get all</c>.</summary>
    public string Categories { get; init; } = "";
}

/// <summary>
/// In protobuf, the fields marked <see cref="FieldAttribute.Inline"/> stand in a message of their own, which is
/// this record's field <paramref name="number"/>; in JSON they stand beside the others.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ProtobufInlineAttribute(int number) : Attribute
{
    public int Number => number;
}

/// <summary>What the API says about a field besides its name and type; the one source for every reader of the schema.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FieldAttribute(int number) : Attribute
{
    /// <summary>The field's number in protobuf bodies.</summary>
    public int Number => number;

    /// <summary>The number counts within the message named by <see cref="ProtobufInlineAttribute"/>.</summary>
    public bool Inline { get; init; }

    public bool Required { get; init; }
    public PatchStrategy Patch { get; init; }

    /// <summary>The key by which a strategic merge patch pairs the entries of a list.</summary>
    public string? MergeKey { get; init; }

    public ListType List { get; init; }

    /// <summary>Comma-separated keys by which server-side apply pairs the entries of a list.</summary>
    public string? ListMapKeys { get; init; }

    /// <summary>Server-side apply owns the whole map, never single keys of it.</summary>
    public bool AtomicMap { get; init; }

    /// <summary>What a field that is a key of its list (<see cref="ListMapKeys"/>) stands for where an entry leaves it out.</summary>
    public string? Default { get; init; }
}
