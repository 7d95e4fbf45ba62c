using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Confidential values for pods; data is base64 on the wire, stringData is merged into it on write.</summary>
[ApiType("io.k8s.api.core.v1.Secret")]
[Kind("", "v1", "Secret", "secrets")]
public sealed record Secret : KubeObject
{
    /// <summary>Bytes by key, in base64. Keys consist of letters, digits, '-', '_' and '.'.</summary>
    [Field(2)]
    public IReadOnlyDictionary<string, byte[]>? Data { get; init; }

    /// <summary>What the Secret is for, e.g. Opaque or kubernetes.io/tls, which demand certain keys. Cannot be changed. Default: Opaque.</summary>
    [Field(3)]
    public string? Type { get; init; }

    /// <summary>
    /// Texts by key, for writing only: the server puts them into data, where they win over keys of the same name, and never
    /// returns them here.
    /// </summary>
    [Field(4)]
    public IReadOnlyDictionary<string, string>? StringData { get; init; }

    /// <summary>True forbids any further change of the data, and cannot be undone except by deleting the object. Default: false.</summary>
    [Field(5)]
    public bool? Immutable { get; init; }
}
