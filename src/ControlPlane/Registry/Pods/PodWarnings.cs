using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>What a client is told of pods and templates that are taken: Kubernetes' advice, and fields that do not do yet what they ask for.</summary>
internal static class PodWarnings
{
    private static readonly UnbuiltField<PodSpec>[] SpecFields =
    [
        new("hostUsers", spec => spec.HostUsers == false ? "false" : null, "does not use user namespaces yet") { HoldsPod = true },
        new("runtimeClassName", spec => spec.RuntimeClassName, "has one container runtime only") { HoldsPod = true },
        new("os", spec => spec.Os?.Name is null or "linux" ? null : spec.Os, "runs Linux pods only") { HoldsPod = true },
        new("resourceClaims", spec => spec.ResourceClaims, "does not allocate devices yet") { HoldsPod = true },
        new("resources", spec => spec.Resources, "applies resources of containers only") { HoldsPod = true },
        new("schedulerName", spec => spec.SchedulerName is null or "default-scheduler" ? null : spec.SchedulerName, "has the default scheduler only: another one must bind such a pod"),
        new("schedulingGroup", spec => spec.SchedulingGroup, "does not schedule pods in groups yet"),
        new("priorityClassName", spec => spec.PriorityClassName, "does not know priority classes yet"),
        new("priority", spec => spec.Priority is null or 0 ? null : spec.Priority, "does not schedule by priority yet"),
        new("preemptionPolicy", spec => spec.PreemptionPolicy is null or "PreemptLowerPriority" ? null : spec.PreemptionPolicy, "does not preempt pods yet"),
    ];

    private static readonly UnbuiltField<PodSecurityContext>[] PodSecurityFields =
    [
        new("seLinuxOptions", context => context.SeLinuxOptions, "does not use SELinux"),
        new("appArmorProfile", context => Confined(context.AppArmorProfile?.Type), "does not apply AppArmor profiles yet") { HoldsPod = true },
        new("windowsOptions", context => context.WindowsOptions, "runs Linux pods only"),
    ];

    private static readonly UnbuiltField<Container>[] ContainerFields =
    [
        new("volumeDevices", c => c.VolumeDevices, "does not offer block devices yet") { HoldsPod = true },
        new("resources.limits", c => c.Resources?.Limits?.Keys.Where(name => name is not ("cpu" or "memory" or "ephemeral-storage")), "limits cpu, memory and ephemeral-storage only") { HoldsPod = true },
        new("resources.claims", c => c.Resources?.Claims, "does not allocate devices yet"),
        new("resizePolicy", c => c.ResizePolicy, "does not resize running containers yet"),
    ];

    private static readonly UnbuiltField<SecurityContext>[] SecurityFields =
    [
        new("seLinuxOptions", context => context.SeLinuxOptions, "does not use SELinux"),
        new("appArmorProfile", context => Confined(context.AppArmorProfile?.Type), "does not apply AppArmor profiles yet") { HoldsPod = true },
        new("windowsOptions", context => context.WindowsOptions, "runs Linux pods only"),
    ];

    private static readonly UnbuiltField<EnvVar>[] EnvFields =
    [
        new("valueFrom.fileKeyRef", env => env.ValueFrom?.FileKeyRef, "does not read variables from files yet") { HoldsPod = true },
    ];

    private static readonly UnbuiltField<Volume>[] VolumeFields =
    [
        new("emptyDir.medium", volume => volume.EmptyDir?.Medium is { } medium && medium.StartsWith("HugePages", StringComparison.Ordinal) ? medium : null, "does not give huge pages") { HoldsPod = true },
        new("projected.sources[].clusterTrustBundle", volume => volume.Projected?.Sources?.FirstOrDefault(source => source.ClusterTrustBundle is not null), "does not serve ClusterTrustBundles yet") { HoldsPod = true },
        new("projected.sources[].podCertificate", volume => volume.Projected?.Sources?.FirstOrDefault(source => source.PodCertificate is not null), "does not issue certificates to pods yet") { HoldsPod = true },
    ];

    /// <summary>The volume sources that nodes serve.</summary>
    private static readonly string[] Mounted = ["emptyDir", "hostPath", "secret", "configMap", "projected", "downwardAPI"];

    private static string? Confined(string? profile) => profile == "Unconfined" ? null : profile;

    /// <param name="path">Where the spec stands: <c>spec</c> or <c>spec.template.spec</c>.</param>
    public static IEnumerable<string> Of(PodSpec? spec, string path) => spec is null ? [] :
    [
        .. PodAdvice.Of(spec, path),
        .. UnbuiltField<PodSpec>.Warnings(SpecFields, spec, $"{path}."),
        .. UnbuiltField<PodSecurityContext>.Warnings(PodSecurityFields, spec.SecurityContext, $"{path}.securityContext."),
        .. (spec.InitContainers ?? []).SelectMany((container, i) => OfContainer(container, $"{path}.initContainers[{i}].")),
        .. spec.Containers.SelectMany((container, i) => OfContainer(container, $"{path}.containers[{i}].")),
        .. (spec.Volumes ?? []).SelectMany((volume, i) => OfVolume(volume, $"{path}.volumes[{i}].")),
    ];

    private static IEnumerable<string> OfContainer(Container container, string path) =>
    [
        .. UnbuiltField<Container>.Warnings(ContainerFields, container, path),
        .. UnbuiltField<SecurityContext>.Warnings(SecurityFields, container.SecurityContext, $"{path}securityContext."),
        .. (container.Env ?? []).SelectMany((env, i) => UnbuiltField<EnvVar>.Warnings(EnvFields, env, $"{path}env[{i}].")),
    ];

    private static IEnumerable<string> OfVolume(Volume volume, string path)
    {
        foreach (var source in VolumeSources.OfVolume(volume).Where(source => !Mounted.Contains(source)))
            yield return $"{path}{source}: stored, but this version mounts {string.Join(", ", Mounted[..^1])} and {Mounted[^1]} volumes only; such a pod is not started";
        foreach (var warning in UnbuiltField<Volume>.Warnings(VolumeFields, volume, path)) yield return warning;
    }
}
