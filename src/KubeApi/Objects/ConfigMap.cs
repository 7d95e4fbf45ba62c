using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Configuration for pods as text and binary values.</summary>
[ApiType("io.k8s.api.core.v1.ConfigMap")]
[Kind("", "v1", "ConfigMap", "configmaps", ShortNames = "cm")]
public sealed record ConfigMap : KubeObject
{
    [Field(2)]
    public IReadOnlyDictionary<string, string>? Data { get; init; }

    [Field(3)]
    public IReadOnlyDictionary<string, byte[]>? BinaryData { get; init; }

    [Field(4)]
    public bool? Immutable { get; init; }
}
