using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A query over labels: all of matchLabels and all of matchExpressions must hold. Empty selects everything, absent nothing.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector", Atomic = true)]
public sealed record LabelSelector
{
    /// <summary>
    /// Labels that must all be there with exactly these values. Each is short for an expression with the operator In and one
    /// value.
    /// </summary>
    [Field(1)]
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    /// <summary>Conditions that must all hold.</summary>
    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<LabelSelectorRequirement>? MatchExpressions { get; init; }
}

/// <summary>One clause of a label selector: a key, an operator (In, NotIn, Exists, DoesNotExist) and its values.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement")]
public sealed record LabelSelectorRequirement
{
    /// <summary>Key of the label that is looked at.</summary>
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    /// <summary>How label and values are compared: In, NotIn, Exists or DoesNotExist.</summary>
    [Field(2, Required = true)]
    public string Operator { get; init; } = "";

    /// <summary>Values to compare with: at least one for In and NotIn, none for Exists and DoesNotExist.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Values { get; init; }
}
