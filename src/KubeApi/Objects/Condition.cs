using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>One observed aspect of an object's state, in the form that all newer kinds share.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.Condition")]
public sealed record Condition
{
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    [Field(3)]
    public long? ObservedGeneration { get; init; }

    [Field(4, Required = true)]
    public DateTime? LastTransitionTime { get; init; }

    [Field(5, Required = true)]
    public string Reason { get; init; } = "";

    [Field(6, Required = true)]
    public string Message { get; init; } = "";
}
