using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>An identity for the processes of pods in one namespace.</summary>
[ApiType("io.k8s.api.core.v1.ServiceAccount")]
[Kind("", "v1", "ServiceAccount", "serviceaccounts", ShortNames = "sa")]
public sealed record ServiceAccount : KubeObject
{
    [Field(2, Patch = PatchStrategy.Merge, MergeKey = "name", List = ListType.Map, ListMapKeys = "name")]
    public IReadOnlyList<ObjectReference>? Secrets { get; init; }

    [Field(3, List = ListType.Atomic)]
    public IReadOnlyList<LocalObjectReference>? ImagePullSecrets { get; init; }

    [Field(4)]
    public bool? AutomountServiceAccountToken { get; init; }
}
