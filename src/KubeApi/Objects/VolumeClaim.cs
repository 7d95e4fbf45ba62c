using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A claim that is created with the pod and goes with it.</summary>
[ApiType("io.k8s.api.core.v1.EphemeralVolumeSource")]
public sealed record EphemeralVolumeSource
{
    /// <summary>The claim that is made, under the name POD-VOLUME.</summary>
    [Field(1)]
    public PersistentVolumeClaimTemplate? VolumeClaimTemplate { get; init; }
}

/// <summary>The template of a claim that is created with the pod.</summary>
[ApiType("io.k8s.api.core.v1.PersistentVolumeClaimTemplate")]
public sealed record PersistentVolumeClaimTemplate
{
    /// <summary>Labels and annotations of the claim; nothing else may be set.</summary>
    [Field(1)]
    public ObjectMeta? Metadata { get; init; }

    /// <summary>What the claim asks for.</summary>
    [Field(2, Required = true)]
    public PersistentVolumeClaimSpec Spec { get; init; } = new();
}

/// <summary>The storage that a claim asks for.</summary>
[ApiType("io.k8s.api.core.v1.PersistentVolumeClaimSpec")]
public sealed record PersistentVolumeClaimSpec
{
    /// <summary>How the volume is used: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? AccessModes { get; init; }

    /// <summary>How large the volume must be at least.</summary>
    [Field(2)]
    public VolumeResourceRequirements? Resources { get; init; }

    /// <summary>The PersistentVolume that belongs to the claim.</summary>
    [Field(3)]
    public string? VolumeName { get; init; }

    /// <summary>Labels of the PersistentVolumes that will do.</summary>
    [Field(4)]
    public LabelSelector? Selector { get; init; }

    /// <summary>The StorageClass that makes the volume. Default: the default class; '' asks for a volume without class.</summary>
    [Field(5)]
    public string? StorageClassName { get; init; }

    /// <summary>Filesystem or Block. Default: Filesystem.</summary>
    [Field(6)]
    public string? VolumeMode { get; init; }

    /// <summary>What the volume is filled from: a snapshot or a claim of the same namespace.</summary>
    [Field(7)]
    public TypedLocalObjectReference? DataSource { get; init; }

    /// <summary>As dataSource, for objects of any kind, and in other namespaces where that is allowed.</summary>
    [Field(8)]
    public TypedObjectReference? DataSourceRef { get; init; }

    /// <summary>The VolumeAttributesClass with settings of the volume that can be changed later.</summary>
    [Field(9)]
    public string? VolumeAttributesClassName { get; init; }
}

/// <summary>The storage sizes that a claim asks for.</summary>
[ApiType("io.k8s.api.core.v1.VolumeResourceRequirements")]
public sealed record VolumeResourceRequirements
{
    /// <summary>The most that is asked for, by resource.</summary>
    [Field(1)]
    public IReadOnlyDictionary<string, Quantity>? Limits { get; init; }

    /// <summary>The least that is asked for, by resource: storage.</summary>
    [Field(2)]
    public IReadOnlyDictionary<string, Quantity>? Requests { get; init; }
}
