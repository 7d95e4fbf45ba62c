using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>One observed aspect of an object's state, in the form that all newer kinds share.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.Condition")]
public sealed record Condition
{
    /// <summary>Name of what is observed, in CamelCase.</summary>
    [Field(1, Required = true)]
    public string Type { get; init; } = "";

    /// <summary>Whether it holds: True, False or Unknown.</summary>
    [Field(2, Required = true)]
    public string Status { get; init; } = "";

    /// <summary>The metadata.generation that was looked at; if it is lower than the present one, the condition is out of date.</summary>
    [Field(3)]
    public long? ObservedGeneration { get; init; }

    /// <summary>When the status last changed from one value to another.</summary>
    [Field(4, Required = true)]
    public DateTime? LastTransitionTime { get; init; }

    /// <summary>Why it has its present status, as one word in CamelCase for programs.</summary>
    [Field(5, Required = true)]
    public string Reason { get; init; } = "";

    /// <summary>Why it has its present status, as a text for people; may be empty.</summary>
    [Field(6, Required = true)]
    public string Message { get; init; } = "";
}
