using KubeApi.Objects;
using NodeAgent.Volumes;

namespace NodeAgent.Kubelet;

/// <summary>
/// Fields that ask for something which this version of the node agent does not do. A pod that sets one waits, and
/// says so, instead of running differently from what was asked.
/// </summary>
internal static class Unserved
{
    /// <summary>Paths of such fields of the pod and of this container, e.g. <c>spec.volumes[0].secret</c>.</summary>
    public static IReadOnlyList<string> Fields(Pod pod, Container container)
    {
        var spec = pod.Spec!;
        return [.. OfPod(spec), .. OfVolumes(spec, container), .. OfContainer(container, Path(spec, container.Name))];
    }

    private static string Path(PodSpec spec, string name)
    {
        var (regular, init) = (spec.Containers.ToList().FindIndex(entry => entry.Name == name), (spec.InitContainers ?? []).ToList().FindIndex(entry => entry.Name == name));
        return regular >= 0 ? $"spec.containers[{regular}]" : init >= 0 ? $"spec.initContainers[{init}]"
            : $"spec.ephemeralContainers[{(spec.EphemeralContainers ?? []).ToList().FindIndex(entry => entry.Name == name)}]";
    }

    public static string Message(IReadOnlyList<string> fields) =>
        $"{string.Join(", ", fields)}: not served by this version of the node agent";

    private static IEnumerable<string> OfPod(PodSpec spec)
    {
        if (spec.HostUsers == false) yield return "spec.hostUsers";
        if (spec.RuntimeClassName is not null) yield return "spec.runtimeClassName";
        if (spec.ResourceClaims is { Count: > 0 }) yield return "spec.resourceClaims";
        if (spec.Resources?.Limits is not null || spec.Resources?.Requests is not null) yield return "spec.resources";
        if (spec.Os is { Name: not "linux" }) yield return "spec.os";
        foreach (var field in OfSecurity(spec.SecurityContext)) yield return $"spec.securityContext.{field}";
    }

    private static IEnumerable<string> OfSecurity(PodSecurityContext? context)
    {
        if (context?.AppArmorProfile is { Type: not "Unconfined" }) yield return "appArmorProfile";
    }

    /// <summary>Only volumes that the container mounts: another container of the pod may well run.</summary>
    private static IEnumerable<string> OfVolumes(PodSpec spec, Container container)
    {
        var mounted = (container.VolumeMounts ?? []).Select(mount => mount.Name).ToHashSet();
        foreach (var (volume, i) in (spec.Volumes ?? []).Select((volume, i) => (volume, i)).Where(entry => mounted.Contains(entry.volume.Name)))
        {
            if (volume.EmptyDir is { Medium: { } medium } && medium.StartsWith("HugePages", StringComparison.Ordinal)) yield return $"spec.volumes[{i}].emptyDir.medium ({medium})";
            else if ((volume.Projected?.Sources ?? []).Any(source => source.ClusterTrustBundle is not null)) yield return $"spec.volumes[{i}].projected.sources[].clusterTrustBundle";
            else if ((volume.Projected?.Sources ?? []).Any(source => source.PodCertificate is not null)) yield return $"spec.volumes[{i}].projected.sources[].podCertificate";
            else if (!VolumeKinds.IsServed(volume)) yield return $"spec.volumes[{i}].{Kind(volume)} (volume \"{volume.Name}\")";
        }
    }

    private static string Kind(Volume volume)
    {
        var source = typeof(Volume).GetProperties().FirstOrDefault(property => property.Name != nameof(Volume.Name) && property.GetValue(volume) is not null);
        return source is null ? "emptyDir (no source is given)" : char.ToLowerInvariant(source.Name[0]) + source.Name[1..];
    }

    private static IEnumerable<string> OfContainer(Container container, string path)
    {
        foreach (var (variable, i) in (container.Env ?? []).Select((variable, i) => (variable, i)))
            if (variable.ValueFrom?.FileKeyRef is not null) yield return $"{path}.env[{i}].valueFrom.fileKeyRef ({variable.Name})";
        if (container.VolumeDevices is { Count: > 0 }) yield return $"{path}.volumeDevices";
        foreach (var name in (container.Resources?.Limits ?? new Dictionary<string, KubeApi.Quantity>()).Keys)
            if (name is not ("cpu" or "memory" or "ephemeral-storage")) yield return $"{path}.resources.limits[{name}]";
        foreach (var field in OfSecurity(container.SecurityContext)) yield return $"{path}.securityContext.{field}";
    }

    private static IEnumerable<string> OfSecurity(SecurityContext? context)
    {
        if (context?.AppArmorProfile is { Type: not "Unconfined" }) yield return "appArmorProfile";
    }
}
