using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Confidential values for pods; data is base64 on the wire, stringData is merged into it on write.</summary>
[ApiType("io.k8s.api.core.v1.Secret")]
[Kind("", "v1", "Secret", "secrets")]
public sealed record Secret : KubeObject
{
    [Field(2)]
    public IReadOnlyDictionary<string, byte[]>? Data { get; init; }

    [Field(3)]
    public string? Type { get; init; }

    [Field(4)]
    public IReadOnlyDictionary<string, string>? StringData { get; init; }

    [Field(5)]
    public bool? Immutable { get; init; }
}
