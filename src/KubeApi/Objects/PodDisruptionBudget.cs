using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Limits how many pods of a set may be taken away at once by choice, e.g. by a drain.</summary>
[ApiType("io.k8s.api.policy.v1.PodDisruptionBudget")]
[Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", ShortNames = "pdb")]
public sealed record PodDisruptionBudget : KubeObject
{
    [Field(2)]
    public PodDisruptionBudgetSpec? Spec { get; init; }

    [Field(3)]
    public PodDisruptionBudgetStatus? Status { get; init; }
}

/// <summary>The pods that are protected, and how many of them must stay or may go.</summary>
[ApiType("io.k8s.api.policy.v1.PodDisruptionBudgetSpec")]
public sealed record PodDisruptionBudgetSpec
{
    [Field(1)]
    public IntOrString? MinAvailable { get; init; }

    [Field(2, Patch = PatchStrategy.Replace)]
    public LabelSelector? Selector { get; init; }

    [Field(3)]
    public IntOrString? MaxUnavailable { get; init; }

    [Field(4)]
    public string? UnhealthyPodEvictionPolicy { get; init; }
}

/// <summary>How many disruptions the budget allows now, and what that was computed from.</summary>
[ApiType("io.k8s.api.policy.v1.PodDisruptionBudgetStatus")]
public sealed record PodDisruptionBudgetStatus
{
    [Field(1)]
    public long? ObservedGeneration { get; init; }

    [Field(2)]
    public IReadOnlyDictionary<string, DateTime>? DisruptedPods { get; init; }

    [Field(3)]
    public int? DisruptionsAllowed { get; init; }

    [Field(4)]
    public int? CurrentHealthy { get; init; }

    [Field(5)]
    public int? DesiredHealthy { get; init; }

    [Field(6)]
    public int? ExpectedPods { get; init; }

    [Field(7, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>Asks for the removal of the pod of this name, if its disruption budgets allow it.</summary>
[ApiType("io.k8s.api.policy.v1.Eviction")]
[Kind("policy", "v1", "Eviction", "evictions")]
public sealed record Eviction : KubeObject
{
    [Field(2)]
    public DeleteOptions? DeleteOptions { get; init; }
}
