using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>Limits how many pods of a set may be taken away at once by choice, e.g. by a drain.</summary>
[ApiType("io.k8s.api.policy.v1.PodDisruptionBudget")]
[Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", ShortNames = "pdb")]
public sealed record PodDisruptionBudget : KubeObject
{
    /// <summary>Which pods are protected, and how many of them must stay.</summary>
    [Field(2)]
    public PodDisruptionBudgetSpec? Spec { get; init; }

    /// <summary>How many may go at present.</summary>
    [Field(3)]
    public PodDisruptionBudgetStatus? Status { get; init; }
}

/// <summary>The pods that are protected, and how many of them must stay or may go.</summary>
[ApiType("io.k8s.api.policy.v1.PodDisruptionBudgetSpec")]
public sealed record PodDisruptionBudgetSpec
{
    /// <summary>
    /// How many of the pods must be left after an eviction, as a number or a percentage of the wanted ones. Not together with
    /// maxUnavailable.
    /// </summary>
    [Field(1)]
    public IntOrString? MinAvailable { get; init; }

    /// <summary>The pods that are protected. An empty selector protects every pod of the namespace, none at all protects nothing.</summary>
    [Field(2, Patch = PatchStrategy.Replace)]
    public LabelSelector? Selector { get; init; }

    /// <summary>
    /// How many of the pods may be missing after an eviction, as a number or a percentage of the wanted ones. Not together with
    /// minAvailable.
    /// </summary>
    [Field(3)]
    public IntOrString? MaxUnavailable { get; init; }

    /// <summary>
    /// When running pods that are not ready may be evicted: IfHealthyBudget, if enough others are healthy, or AlwaysAllow.
    /// Default: IfHealthyBudget.
    /// </summary>
    [Field(4)]
    public string? UnhealthyPodEvictionPolicy { get; init; }
}

/// <summary>How many disruptions the budget allows now, and what that was computed from.</summary>
[ApiType("io.k8s.api.policy.v1.PodDisruptionBudgetStatus")]
public sealed record PodDisruptionBudgetStatus
{
    /// <summary>The metadata.generation that these figures belong to; evictions wait until it is the present one.</summary>
    [Field(1)]
    public long? ObservedGeneration { get; init; }

    /// <summary>Pods whose eviction was allowed and that have not begun to end yet, with the time at which it was allowed.</summary>
    [Field(2)]
    public IReadOnlyDictionary<string, DateTime>? DisruptedPods { get; init; }

    /// <summary>How many pods may be evicted now.</summary>
    [Field(3)]
    public int? DisruptionsAllowed { get; init; }

    /// <summary>How many of the pods are healthy.</summary>
    [Field(4)]
    public int? CurrentHealthy { get; init; }

    /// <summary>How many of the pods must be healthy.</summary>
    [Field(5)]
    public int? DesiredHealthy { get; init; }

    /// <summary>How many pods the budget counts on.</summary>
    [Field(6)]
    public int? ExpectedPods { get; init; }

    /// <summary>What is known of the budget; DisruptionAllowed says whether an eviction would be allowed.</summary>
    [Field(7, Patch = PatchStrategy.Merge, MergeKey = "type", List = ListType.Map, ListMapKeys = "type")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>Asks for the removal of the pod of this name, if its disruption budgets allow it.</summary>
[ApiType("io.k8s.api.policy.v1.Eviction")]
[Kind("policy", "v1", "Eviction", "evictions")]
public sealed record Eviction : KubeObject
{
    /// <summary>How the pod is deleted if it may be.</summary>
    [Field(2)]
    public DeleteOptions? DeleteOptions { get; init; }
}
