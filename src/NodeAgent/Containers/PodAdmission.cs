using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace NodeAgent.Containers;

/// <summary>
/// Whether this node takes a pod that was bound to it: the kubelet's admission handlers, with their reasons and words. A pod that is
/// not taken fails for good.
/// </summary>
/// <param name="appArmor">The kernel of this node enforces AppArmor profiles.</param>
internal sealed class PodAdmission(PodSysctls sysctls, bool appArmor)
{
    private const string AppArmorSwitch = "/sys/module/apparmor/parameters/enabled";

    public static bool AppArmorIsEnabled() => File.Exists(AppArmorSwitch) && File.ReadAllText(AppArmorSwitch).StartsWith('Y');

    /// <returns>Null: the pod may run. One that has run already is not asked again.</returns>
    public PodFailure? Refusal(Pod pod)
    {
        if (pod.Status?.Phase is not (null or "" or "Pending") || pod.Metadata.DeletionTimestamp is not null) return null;
        if (pod.Spec!.Os is { Name: not "linux" }) return Rejected("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS");
        if (sysctls.Problem(pod) is { } problem) return Rejected("SysctlForbidden", $"forbidden sysctl: {problem}");
        if (!appArmor && AppArmorProfiles(pod.Spec).Any(profile => profile is { Type: not "Unconfined" }))
            return Rejected("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host");
        return null;
    }

    private static IEnumerable<AppArmorProfile?> AppArmorProfiles(PodSpec spec) =>
        spec.Containers.Concat(spec.InitContainers ?? []).Select(container => container.SecurityContext?.AppArmorProfile).Append(spec.SecurityContext?.AppArmorProfile);

    private static PodFailure Rejected(string reason, string message) => new(reason, $"Pod was rejected: {message}", Rejected: true);
}
