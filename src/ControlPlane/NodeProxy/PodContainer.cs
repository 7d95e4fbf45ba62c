using ControlPlane.ApiServer;
using KubeApi.Objects;

namespace ControlPlane.NodeProxy;

/// <summary>Which container of a pod a request for logs or streams means.</summary>
internal static class PodContainer
{
    /// <param name="name">Null: the only one.</param>
    /// <exception cref="StatusException">400: there are several, or none of that name.</exception>
    public static string Choose(Pod pod, string? name)
    {
        var containers = Names(pod.Spec?.Containers?.Select(container => container.Name));
        var init = Names(pod.Spec?.InitContainers?.Select(container => container.Name));
        var ephemeral = Names(pod.Spec?.EphemeralContainers?.Select(container => container.Name));
        if (name is not null) return containers.Concat(init).Concat(ephemeral).Contains(name) ? name : throw StatusException.BadRequest($"container {name} is not valid for pod {pod.Name}");
        if (containers.Count == 1) return containers[0];
        throw StatusException.BadRequest($"a container name must be specified for pod {pod.Name}" + (containers.Count == 0 ? "" : $", choose one of: [{string.Join(' ', containers)}]")
            + (init.Count == 0 ? "" : $" or one of the init containers: [{string.Join(' ', init)}]")
            + (ephemeral.Count == 0 ? "" : $" or one of the ephemeral containers: [{string.Join(' ', ephemeral)}]"));
    }

    private static List<string> Names(IEnumerable<string>? names) => names?.ToList() ?? [];
}
