using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for ephemeral containers, which can only be added (core/validation validateEphemeralContainers, ValidatePodEphemeralContainersUpdate).</summary>
internal static class EphemeralContainerValidation
{
    private const string Path = "spec.ephemeralContainers", NotForEphemeral = "cannot be set for an Ephemeral Container";

    public static void Validate(PodSpec old, PodSpec updated, Func<object?, object?, bool> same, FieldErrors errors)
    {
        var (before, after) = (old.EphemeralContainers ?? [], updated.EphemeralContainers ?? []);
        foreach (var container in before)
        {
            var now = after.FirstOrDefault(other => other.Name == container.Name);
            if (now is null) errors.Forbidden(Path, $"existing ephemeral containers \"{container.Name}\" may not be removed\n");
            else if (!same(container, now)) errors.Forbidden(Path, $"existing ephemeral containers \"{container.Name}\" may not be changed\n");
        }
        var names = updated.Containers.Concat(updated.InitContainers ?? []).Select(container => container.Name).ToHashSet();
        var targets = names.ToHashSet();
        var volumes = (updated.Volumes ?? []).Select(volume => volume.Name).ToHashSet();
        for (var i = 0; i < after.Count; i++) Validate(after[i], names, targets, volumes, $"{Path}[{i}]", errors);
    }

    private static void Validate(EphemeralContainer container, HashSet<string> names, HashSet<string> targets, HashSet<string> volumes, string path, FieldErrors errors)
    {
        ContainerValidation.Validate(AsContainer(container), names, volumes, isInit: false, path, errors);
        if (container.TargetContainerName is { Length: > 0 } target && !targets.Contains(target)) errors.NotFound($"{path}.targetContainerName", target);
        if (container.Ports is { Count: > 0 }) errors.Forbidden($"{path}.ports", NotForEphemeral);
        if (container.Resources is { Limits: not null } or { Requests: not null } or { Claims: not null }) errors.Forbidden($"{path}.resources", NotForEphemeral);
        if (container.LivenessProbe is not null) errors.Forbidden($"{path}.livenessProbe", NotForEphemeral);
        if (container.ReadinessProbe is not null) errors.Forbidden($"{path}.readinessProbe", NotForEphemeral);
        if (container.StartupProbe is not null) errors.Forbidden($"{path}.startupProbe", NotForEphemeral);
        if (container.Lifecycle is not null) errors.Forbidden($"{path}.lifecycle", NotForEphemeral);
        if (container.ResizePolicy is { Count: > 0 }) errors.Forbidden($"{path}.resizePolicy", NotForEphemeral);
        if (container.RestartPolicy is not null) errors.Forbidden($"{path}.restartPolicy", NotForEphemeral);
        if (container.RestartPolicyRules is { Count: > 0 }) errors.Forbidden($"{path}.restartPolicyRules", NotForEphemeral);
        for (var i = 0; i < (container.VolumeMounts?.Count ?? 0); i++)
        {
            if (!string.IsNullOrEmpty(container.VolumeMounts![i].SubPath)) errors.Forbidden($"{path}.volumeMounts[{i}].subPath", NotForEphemeral);
            if (!string.IsNullOrEmpty(container.VolumeMounts[i].SubPathExpr)) errors.Forbidden($"{path}.volumeMounts[{i}].subPathExpr", NotForEphemeral);
        }
    }

    /// <summary>What it has in common with every container, for the rules that are the same.</summary>
    private static Container AsContainer(EphemeralContainer container) => KubeJson.Deserialize<Container>(KubeJson.Serialize(container with
    {
        TargetContainerName = null, Ports = null, Resources = null, LivenessProbe = null, ReadinessProbe = null, StartupProbe = null, Lifecycle = null,
    }));
}
