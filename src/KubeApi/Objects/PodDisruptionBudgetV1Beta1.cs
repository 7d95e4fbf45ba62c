using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A PodDisruptionBudget as clients before Kubernetes 1.21 know it; the same object as that of version v1.</summary>
[ApiType("io.k8s.api.policy.v1beta1.PodDisruptionBudget")]
[Kind("policy", "v1beta1", "PodDisruptionBudget", "poddisruptionbudgets", ShortNames = "pdb")]
public sealed record PodDisruptionBudgetV1Beta1 : KubeObject
{
    /// <summary>Which pods are protected, and how many of them must stay.</summary>
    [Field(2)]
    public PodDisruptionBudgetSpec? Spec { get; init; }

    /// <summary>How many may go at present.</summary>
    [Field(3)]
    public PodDisruptionBudgetStatus? Status { get; init; }
}
