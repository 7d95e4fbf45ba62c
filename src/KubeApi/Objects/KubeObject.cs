using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Anything that names its own type on the wire.</summary>
public abstract record KubeType
{
    /// <summary>
    /// Name of the type of this object in CamelCase, e.g. Pod. Follows from the address of the request where it is left out;
    /// cannot be changed.
    /// </summary>
    [JsonPropertyOrder(-3)]
    public string? Kind { get; init; }

    /// <summary>
    /// Group and version of the type of this object: VERSION for the core group, else GROUP/VERSION. Follows from the
    /// address of the request where it is left out.
    /// </summary>
    [JsonPropertyOrder(-2)]
    public string? ApiVersion { get; init; }
}

/// <summary>An object with an identity: every kind that is stored, and the few that only travel.</summary>
public abstract record KubeObject : KubeType
{
    /// <summary>Name, namespace, labels, owners and all else that objects of every kind carry.</summary>
    [JsonPropertyOrder(-1), Field(1)]
    public ObjectMeta Metadata { get; init; } = new();

    [JsonIgnore] public string Name => Metadata.Name ?? "";

    /// <summary>Empty for kinds that are not namespaced.</summary>
    [JsonIgnore] public string Namespace => Metadata.Namespace ?? "";

    /// <summary>Key in caches and work queues: <c>namespace/name</c>, or the name alone.</summary>
    [JsonIgnore] public string Key => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}

/// <summary>A list as the API answers it; items come without kind and apiVersion.</summary>
public sealed record KubeList<T> : KubeType where T : KubeObject
{
    /// <summary>What belongs to the list as a whole: the version it was read at, and the token of the next page.</summary>
    [JsonPropertyOrder(-1)] public ListMeta Metadata { get; init; } = new();

    /// <summary>The objects; an empty list if there are none.</summary>
    public IReadOnlyList<T> Items { get; init; } = [];
}
