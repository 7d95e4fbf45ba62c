using KubeApi.Objects;

namespace KubeApi.Defaults;

/// <summary>
/// What holds for pods but not for templates: requests follow limits, service links, and priority. The tolerations of a node's short absence
/// are added by the API server's admission, which has options for them.
/// </summary>
public static class PodDefaults
{
    public static Pod Apply(Pod pod)
    {
        var spec = PodSpecDefaults.Apply(pod.Spec ?? new PodSpec());
        return pod with
        {
            Spec = spec with
            {
                EnableServiceLinks = spec.EnableServiceLinks ?? true,
                Priority = spec.Priority ?? 0,
                PreemptionPolicy = PodSpecDefaults.Or(spec.PreemptionPolicy, "PreemptLowerPriority"),
                Containers = spec.Containers.Select(RequestsFromLimits).ToList(),
                InitContainers = spec.InitContainers?.Select(RequestsFromLimits).ToList(),
            },
        };
    }

    private static Container RequestsFromLimits(Container container)
    {
        if (container.Resources?.Limits is not { Count: > 0 } limits) return container;
        var requests = new Dictionary<string, Quantity>(container.Resources.Requests ?? new Dictionary<string, Quantity>());
        foreach (var (resource, limit) in limits) requests.TryAdd(resource, limit);
        return container with { Resources = container.Resources with { Requests = requests } };
    }

    /// <summary>
    /// Guaranteed: every container's cpu and memory limits equal its requests. BestEffort: none asks for anything.
    /// Burstable: the rest.
    /// </summary>
    public static string QosClass(PodSpec spec)
    {
        var containers = spec.Containers.Concat(spec.InitContainers ?? []).ToList();
        var asked = containers.SelectMany(c => (c.Resources?.Requests ?? new Dictionary<string, Quantity>()).Concat(c.Resources?.Limits ?? new Dictionary<string, Quantity>()));
        if (!asked.Any(pair => pair.Key is "cpu" or "memory" && pair.Value.CompareTo(default) > 0)) return "BestEffort";
        return containers.All(IsGuaranteed) ? "Guaranteed" : "Burstable";
    }

    private static bool IsGuaranteed(Container container) => new[] { "cpu", "memory" }.All(resource =>
        container.Resources?.Limits?.TryGetValue(resource, out var limit) == true && limit.CompareTo(default) > 0
        && (container.Resources.Requests?.TryGetValue(resource, out var request) != true || request.Equals(limit)));
}
