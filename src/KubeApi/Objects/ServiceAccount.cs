using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>An identity for the processes of pods in one namespace.</summary>
[ApiType("io.k8s.api.core.v1.ServiceAccount")]
[Kind("", "v1", "ServiceAccount", "serviceaccounts", ShortNames = "sa")]
public sealed record ServiceAccount : KubeObject
{
    /// <summary>Secrets that pods of this account may use; a list for information, which restricts nothing by default.</summary>
    [Field(2, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<ObjectReference>? Secrets { get; init; }

    /// <summary>Secrets with credentials for image registries that are added to each pod of this account that names none itself.</summary>
    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<LocalObjectReference>? ImagePullSecrets { get; init; }

    /// <summary>Whether pods of this account get a token mounted; the pod may say otherwise. Default: true.</summary>
    [Field(4)]
    public bool? AutomountServiceAccountToken { get; init; }
}
