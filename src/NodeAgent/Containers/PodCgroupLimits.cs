using KubeApi;
using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>Pure: what all containers of a pod may use together (kubelet, pkg/kubelet/cm ResourceConfigForPod).</summary>
internal static class PodCgroupLimits
{
    public static CgroupLimits Of(Pod pod)
    {
        var spec = pod.Spec!;
        var shares = ContainerResources.Shares(Sum(spec, resources => resources?.Requests, "cpu").MilliValue);
        if (QosClass.Of(pod) == "BestEffort") return new CgroupLimits(ContainerResources.Shares(0));
        // A container without a limit may use what the node has: then the pod has none either.
        var cpu = AllLimited(spec, "cpu") ? ContainerResources.Quota(Sum(spec, resources => resources?.Limits, "cpu").MilliValue) : (long?)null;
        var memory = AllLimited(spec, "memory") ? Sum(spec, resources => resources?.Limits, "memory").Value : (long?)null;
        return new CgroupLimits(shares, cpu, ContainerResources.Period, memory);
    }

    private static bool AllLimited(PodSpec spec, string resource) =>
        spec.Containers.Concat(spec.InitContainers ?? []).All(container => container.Resources?.Limits?.TryGetValue(resource, out var limit) == true && limit.CompareTo(default) > 0);

    /// <summary>Containers and sidecars run at the same time; an init container runs with the sidecars before it only.</summary>
    private static Quantity Sum(PodSpec spec, Func<ResourceRequirements?, IReadOnlyDictionary<string, Quantity>?> amounts, string resource)
    {
        Quantity sidecars = default, init = default;
        foreach (var container in spec.InitContainers ?? [])
        {
            var own = Amount(container);
            if (container.RestartPolicy == "Always") sidecars += own;
            var now = container.RestartPolicy == "Always" ? sidecars : sidecars + own;
            if (now.CompareTo(init) > 0) init = now;
        }
        var running = spec.Containers.Select(Amount).Aggregate(sidecars, (sum, next) => sum + next);
        return running.CompareTo(init) > 0 ? running : init;

        Quantity Amount(Container container) => amounts(container.Resources)?.TryGetValue(resource, out var amount) == true ? amount : default;
    }
}
