using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>The number of replicas of a scalable object, seen apart from the rest of it.</summary>
[ApiType("io.k8s.api.autoscaling.v1.Scale")]
[Kind("autoscaling", "v1", "Scale", "scales")]
public sealed record Scale : KubeObject
{
    /// <summary>The wanted size.</summary>
    [Field(2)]
    public ScaleSpec? Spec { get; init; }

    /// <summary>The present size.</summary>
    [Field(3)]
    public ScaleStatus? Status { get; init; }
}

/// <summary>The wanted number of replicas.</summary>
[ApiType("io.k8s.api.autoscaling.v1.ScaleSpec")]
public sealed record ScaleSpec
{
    /// <summary>How many pods there are to be. Absent counts as 0.</summary>
    [Field(1)]
    public int? Replicas { get; init; }
}

/// <summary>The present number of replicas and, as text, the selector that finds them.</summary>
[ApiType("io.k8s.api.autoscaling.v1.ScaleStatus")]
public sealed record ScaleStatus
{
    /// <summary>How many pods there are.</summary>
    [Field(1, Required = true)]
    public int Replicas { get; init; }

    /// <summary>The label selector of the pods as text, in the form of the labelSelector parameter.</summary>
    [Field(2)]
    public string? Selector { get; init; }
}
