using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Eviction;

/// <summary>Why a pod is evicted, in Kubernetes' words (kubelet, pkg/kubelet/eviction/helpers.go). Pure.</summary>
internal static class EvictionWords
{
    public const string Reason = "Evicted";

    public static string Of(EvictionCandidate candidate, Threshold threshold, Observation observed)
    {
        var resource = threshold.Signal.Resource;
        var text = $"The node was low on resource: {resource}. Threshold quantity: {Amount(threshold.Value(observed.Capacity), resource)}, available: {Amount(observed.Available, resource)}. ";
        foreach (var container in candidate.Pod.Spec!.Containers)
        {
            if (candidate.Usage(resource, container.Name) is not { } used || used <= EvictionCandidate.Request(container, resource)) continue;
            text += $"Container {container.Name} was using {Amount(used, resource)}, request is {Amount(EvictionCandidate.Request(container, resource), resource)}, has larger consumption of {resource}. ";
        }
        return text;
    }

    public static string OfRefusal(IReadOnlyList<string> conditions) => $"Pod was rejected: The node had condition: [{string.Join(' ', conditions)}]. ";

    /// <summary>The pod's condition that tells controllers that the pod itself is not to blame (KEP-3329).</summary>
    public static PodCondition Disruption(string message, DateTime now) =>
        new() { Type = "DisruptionTarget", Status = "True", Reason = "TerminationByKubelet", Message = message, LastTransitionTime = now };

    private static Quantity Amount(long value, string resource) => resource is Signal.Memory or Signal.Storage ? Quantity.OfBytes(value) : Quantity.OfValue(value);
}
