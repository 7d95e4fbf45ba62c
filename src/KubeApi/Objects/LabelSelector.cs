using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A query over labels: all of matchLabels and all of matchExpressions must hold. Empty selects everything, absent nothing.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector", Atomic = true)]
public sealed record LabelSelector
{
    [Field(1)]
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    [Field(2, List = ListType.Atomic)]
    public IReadOnlyList<LabelSelectorRequirement>? MatchExpressions { get; init; }
}

/// <summary>One clause of a label selector: a key, an operator (In, NotIn, Exists, DoesNotExist) and its values.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement")]
public sealed record LabelSelectorRequirement
{
    [Field(1, Required = true)]
    public string Key { get; init; } = "";

    [Field(2, Required = true)]
    public string Operator { get; init; } = "";

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<string>? Values { get; init; }
}
