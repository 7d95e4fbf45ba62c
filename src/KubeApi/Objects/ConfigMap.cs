using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Configuration for pods as text and binary values.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMap")]
[Kind("", "v1", "ConfigMap", "configmaps", ShortNames = "cm")]
public sealed record ConfigMap : KubeObject
{
    /// <summary>Texts by key. Keys consist of letters, digits, '-', '_' and '.' and appear only once in data and binaryData together.</summary>
    [Field(2)]
    public IReadOnlyDictionary<string, string>? Data { get; init; }

    /// <summary>Bytes by key, in base64; for what is not UTF-8 text.</summary>
    [Field(3)]
    public IReadOnlyDictionary<string, byte[]>? BinaryData { get; init; }

    /// <summary>True forbids any further change of the data, and cannot be undone except by deleting the object. Default: false.</summary>
    [Field(4)]
    public bool? Immutable { get; init; }
}
