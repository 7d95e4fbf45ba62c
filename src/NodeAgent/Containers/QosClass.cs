using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>How well a pod is protected when memory runs out (Kubernetes docs, "Pod Quality of Service Classes").</summary>
internal static class QosClass
{
    private static readonly string[] Resources = ["cpu", "memory"];

    public static string Of(Pod pod)
    {
        var containers = pod.Spec!.Containers.Concat(pod.Spec.InitContainers ?? []).Select(container => container.Resources).ToList();
        if (containers.All(resources => !Named(resources?.Limits).Any() && !Named(resources?.Requests).Any())) return "BestEffort";
        return containers.All(IsGuaranteed) ? "Guaranteed" : "Burstable";
    }

    /// <summary>oom_score_adj of the containers: who is killed first (kubelet, pkg/kubelet/qos/policy.go, without the fine steps of Burstable).</summary>
    public static int OomScoreAdjust(Pod pod) => Of(pod) switch { "Guaranteed" => -997, "Burstable" => 999, _ => 1000 };

    private static bool IsGuaranteed(ResourceRequirements? resources) => Resources.All(name =>
        resources?.Limits?.TryGetValue(name, out var limit) == true
        && (resources.Requests is null || !resources.Requests.TryGetValue(name, out var request) || request.Equals(limit)));

    private static IEnumerable<string> Named(IReadOnlyDictionary<string, Quantity>? amounts) =>
        Resources.Where(name => amounts?.TryGetValue(name, out var amount) == true && amount.Value > 0);
}
