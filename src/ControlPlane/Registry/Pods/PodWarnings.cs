using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Fields of pods and templates that have no effect yet.</summary>
internal static class PodWarnings
{
    private static readonly UnbuiltField<PodSpec>[] SpecFields =
    [
        new("initContainers", spec => spec.InitContainers, "does not run init containers yet"),
        new("ephemeralContainers", spec => spec.EphemeralContainers, "does not run ephemeral containers yet"),
        new("activeDeadlineSeconds", spec => spec.ActiveDeadlineSeconds, "does not enforce deadlines yet"),
        new("dnsPolicy", spec => spec.DnsPolicy == "ClusterFirst" ? null : spec.DnsPolicy, "does not set up DNS in pods yet"),
        new("dnsConfig", spec => spec.DnsConfig, "does not set up DNS in pods yet"),
        new("automountServiceAccountToken", spec => spec.AutomountServiceAccountToken, "does not mount service account tokens yet"),
        new("hostNetwork", spec => spec.HostNetwork, "gives every pod a network of its own"),
        new("hostPID", spec => spec.HostPID, "gives every container processes of its own"),
        new("hostIPC", spec => spec.HostIPC, "gives every pod its own IPC namespace"),
        new("hostUsers", spec => spec.HostUsers is null or true ? null : "false", "does not use user namespaces yet"),
        new("shareProcessNamespace", spec => spec.ShareProcessNamespace, "does not share processes between containers yet"),
        new("securityContext", spec => spec.SecurityContext == new PodSecurityContext() ? null : spec.SecurityContext, "does not apply security contexts yet"),
        new("imagePullSecrets", spec => spec.ImagePullSecrets, "uses local images only"),
        new("subdomain", spec => spec.Subdomain, "does not serve DNS names of pods yet"),
        new("setHostnameAsFQDN", spec => spec.SetHostnameAsFQDN, "does not serve DNS names of pods yet"),
        new("hostnameOverride", spec => spec.HostnameOverride, "takes the host name from hostname or the pod's name"),
        new("hostAliases", spec => spec.HostAliases, "does not write /etc/hosts of pods yet"),
        new("affinity", spec => spec.Affinity, "does not schedule by affinity yet"),
        new("topologySpreadConstraints", spec => spec.TopologySpreadConstraints, "spreads pods by its own rule only"),
        new("schedulerName", spec => spec.SchedulerName is null or "default-scheduler" ? null : spec.SchedulerName, "has the default scheduler only: another one must bind this pod"),
        new("schedulingGates", spec => spec.SchedulingGates, "does not hold pods back by gates yet"),
        new("schedulingGroup", spec => spec.SchedulingGroup, "does not schedule pods in groups yet"),
        new("priorityClassName", spec => spec.PriorityClassName, "does not know priority classes yet"),
        new("priority", spec => spec.Priority is null or 0 ? null : spec.Priority, "does not schedule by priority yet"),
        new("preemptionPolicy", spec => spec.PreemptionPolicy is null or "PreemptLowerPriority" ? null : spec.PreemptionPolicy, "does not preempt pods yet"),
        new("readinessGates", spec => spec.ReadinessGates, "does not look at readiness gates yet"),
        new("runtimeClassName", spec => spec.RuntimeClassName, "has one container runtime only"),
        new("overhead", spec => spec.Overhead, "does not count overhead yet"),
        new("os", spec => spec.Os?.Name is null or "linux" ? null : spec.Os, "runs Linux pods only"),
        new("resourceClaims", spec => spec.ResourceClaims, "does not allocate devices yet"),
        new("resources", spec => spec.Resources, "applies resources of containers only"),
    ];

    private static readonly UnbuiltField<Container>[] ContainerFields =
    [
        new("livenessProbe", c => c.LivenessProbe, "does not run probes yet"),
        new("readinessProbe", c => c.ReadinessProbe, "does not run probes yet"),
        new("startupProbe", c => c.StartupProbe, "does not run probes yet"),
        new("lifecycle", c => c.Lifecycle, "does not run lifecycle hooks yet"),
        new("envFrom", c => c.EnvFrom, "does not fill environments from ConfigMaps and Secrets yet"),
        new("securityContext", c => c.SecurityContext == new SecurityContext() ? null : c.SecurityContext, "does not apply security contexts yet"),
        new("stdin", c => c.Stdin, "does not attach to containers yet"),
        new("stdinOnce", c => c.StdinOnce, "does not attach to containers yet"),
        new("tty", c => c.Tty, "does not attach to containers yet"),
        new("volumeDevices", c => c.VolumeDevices, "does not offer block devices yet"),
        new("terminationMessagePath", c => c.TerminationMessagePath is null or "/dev/termination-log" ? null : c.TerminationMessagePath, "does not read termination messages yet"),
        new("terminationMessagePolicy", c => c.TerminationMessagePolicy is null or "File" ? null : c.TerminationMessagePolicy, "does not read termination messages yet"),
        new("resizePolicy", c => c.ResizePolicy, "does not resize running containers yet"),
        new("restartPolicy", c => c.RestartPolicy, "restarts containers by the pod's restartPolicy only"),
        new("restartPolicyRules", c => c.RestartPolicyRules, "restarts containers by the pod's restartPolicy only"),
        new("resources.claims", c => c.Resources?.Claims, "does not allocate devices yet"),
    ];

    private static readonly UnbuiltField<EnvVar>[] EnvFields =
    [
        new("valueFrom", env => env.ValueFrom, "sets plain values only"),
    ];

    private static readonly UnbuiltField<ContainerPort>[] PortFields =
    [
        new("hostPort", port => port.HostPort is null or 0 ? null : port.HostPort, "does not open ports of the node yet"),
        new("hostIP", port => port.HostIP, "does not open ports of the node yet"),
    ];

    private static readonly UnbuiltField<VolumeMount>[] MountFields =
    [
        new("subPathExpr", mount => mount.SubPathExpr, "does not expand paths yet"),
        new("mountPropagation", mount => mount.MountPropagation is null or "None" ? null : mount.MountPropagation, "does not propagate mounts yet"),
        new("recursiveReadOnly", mount => mount.RecursiveReadOnly is null or "Disabled" ? null : mount.RecursiveReadOnly, "does not mount recursively read-only yet"),
    ];

    public static IEnumerable<string> Of(PodSpec? spec, string path)
    {
        if (spec is null) yield break;
        foreach (var warning in UnbuiltField<PodSpec>.Warnings(SpecFields, spec, path + ".")) yield return warning;
        for (var i = 0; i < spec.Containers.Count; i++)
            foreach (var warning in OfContainer(spec.Containers[i], $"{path}.containers[{i}].")) yield return warning;
        for (var i = 0; i < (spec.Volumes?.Count ?? 0); i++)
            if (VolumeSources.OfVolume(spec.Volumes![i]).FirstOrDefault(source => source is not ("emptyDir" or "hostPath")) is { } source)
                yield return $"{path}.volumes[{i}].{source}: stored, but this version mounts emptyDir and hostPath volumes only";
    }

    private static IEnumerable<string> OfContainer(Container container, string path) =>
    [
        .. UnbuiltField<Container>.Warnings(ContainerFields, container, path),
        .. (container.Env ?? []).SelectMany((env, i) => UnbuiltField<EnvVar>.Warnings(EnvFields, env, $"{path}env[{i}].")),
        .. (container.Ports ?? []).SelectMany((port, i) => UnbuiltField<ContainerPort>.Warnings(PortFields, port, $"{path}ports[{i}].")),
        .. (container.VolumeMounts ?? []).SelectMany((mount, i) => UnbuiltField<VolumeMount>.Warnings(MountFields, mount, $"{path}volumeMounts[{i}].")),
    ];
}
