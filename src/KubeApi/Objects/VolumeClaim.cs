using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A claim that is created with the pod and goes with it.</summary>
[ApiType("io.k8s.api.core.v1.EphemeralVolumeSource")]
public sealed record EphemeralVolumeSource
{
    [Field(1)]
    public PersistentVolumeClaimTemplate? VolumeClaimTemplate { get; init; }
}

/// <summary>The template of a claim that is created with the pod.</summary>
[ApiType("io.k8s.api.core.v1.PersistentVolumeClaimTemplate")]
public sealed record PersistentVolumeClaimTemplate
{
    [Field(1)]
    public ObjectMeta? Metadata { get; init; }

    [Field(2, Required = true)]
    public PersistentVolumeClaimSpec Spec { get; init; } = new();
}

/// <summary>The storage that a claim asks for.</summary>
[ApiType("io.k8s.api.core.v1.PersistentVolumeClaimSpec")]
public sealed record PersistentVolumeClaimSpec
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? AccessModes { get; init; }

    [Field(2)]
    public VolumeResourceRequirements? Resources { get; init; }

    [Field(3)]
    public string? VolumeName { get; init; }

    [Field(4)]
    public LabelSelector? Selector { get; init; }

    [Field(5)]
    public string? StorageClassName { get; init; }

    [Field(6)]
    public string? VolumeMode { get; init; }

    [Field(7)]
    public TypedLocalObjectReference? DataSource { get; init; }

    [Field(8)]
    public TypedObjectReference? DataSourceRef { get; init; }

    [Field(9)]
    public string? VolumeAttributesClassName { get; init; }
}

/// <summary>The storage sizes that a claim asks for.</summary>
[ApiType("io.k8s.api.core.v1.VolumeResourceRequirements")]
public sealed record VolumeResourceRequirements
{
    [Field(1)]
    public IReadOnlyDictionary<string, Quantity>? Limits { get; init; }

    [Field(2)]
    public IReadOnlyDictionary<string, Quantity>? Requests { get; init; }
}
