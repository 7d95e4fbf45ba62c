using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>How well a pod is protected when memory runs out (Kubernetes docs, "Pod Quality of Service Classes").</summary>
internal static class QosClass
{
    private const int Protected = -997, First = 1000;
    private static readonly string[] Resources = ["cpu", "memory"];

    public static string Of(Pod pod)
    {
        var containers = pod.Spec!.Containers.Concat(pod.Spec.InitContainers ?? []).Select(container => container.Resources).ToList();
        if (containers.All(resources => !Named(resources?.Limits).Any() && !Named(resources?.Requests).Any())) return "BestEffort";
        return containers.All(IsGuaranteed) ? "Guaranteed" : "Burstable";
    }

    /// <summary>
    /// oom_score_adj of a container: who is killed first. Burstable ones the later the more of the node's memory they asked for
    /// (kubelet, pkg/kubelet/qos/policy.go).
    /// </summary>
    /// <param name="nodeMemory">Bytes; 0 where it is not known.</param>
    public static int OomScoreAdjust(Pod pod, Container container, long nodeMemory)
    {
        if (pod.Spec!.PriorityClassName == "system-node-critical") return Protected;
        var qosClass = Of(pod);
        if (qosClass != "Burstable") return qosClass == "Guaranteed" ? Protected : First;
        var asked = container.Resources?.Requests?.TryGetValue("memory", out var memory) == true ? memory.Value : 0;
        return nodeMemory == 0 ? First - 1 : (int)Math.Clamp(First - First * (decimal)asked / nodeMemory, First + Protected, First - 1);
    }

    private static bool IsGuaranteed(ResourceRequirements? resources) => Resources.All(name =>
        resources?.Limits?.TryGetValue(name, out var limit) == true
        && (resources.Requests is null || !resources.Requests.TryGetValue(name, out var request) || request.Equals(limit)));

    private static IEnumerable<string> Named(IReadOnlyDictionary<string, Quantity>? amounts) =>
        Resources.Where(name => amounts?.TryGetValue(name, out var amount) == true && amount.Value > 0);
}
