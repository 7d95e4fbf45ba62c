using System.Text.RegularExpressions;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>
/// Rules for users, profiles, sysctls and propagation of mounts (core/validation ValidatePodSecurityContext, ValidateSecurityContext,
/// validateSysctls, validateMountPropagation, validateMountRecursiveReadOnly).
/// </summary>
internal static partial class SecurityValidation
{
    private const int LongestSysctl = 253;
    private const string IdRange = "must be between 0 and 2147483647, inclusive";
    private static readonly string[] Profiles = ["Localhost", "RuntimeDefault", "Unconfined"];

    [GeneratedRegex("^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$")]
    private static partial Regex Sysctl();

    public static void Pod(PodSpec spec, string path, FieldErrors errors)
    {
        var (context, at) = (spec.SecurityContext, $"{path}.securityContext");
        if (spec.HostUsers != false)
            for (var i = 0; i < spec.Containers.Count; i++)
                if (spec.Containers[i].SecurityContext?.ProcMount == "Unmasked")
                    errors.Invalid($"{path}.containers[{i}].securityContext.procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`");
        if (context is null) return;
        Id($"{at}.runAsUser", context.RunAsUser, errors);
        Id($"{at}.runAsGroup", context.RunAsGroup, errors);
        Id($"{at}.fsGroup", context.FsGroup, errors);
        for (var i = 0; i < (context.SupplementalGroups?.Count ?? 0); i++) Id($"{at}.supplementalGroups[{i}]", context.SupplementalGroups![i], errors);
        if (context.SupplementalGroupsPolicy is { } policy) errors.OneOf($"{at}.supplementalGroupsPolicy", policy, "Merge", "Strict");
        if (context.WindowsOptions is not null && spec.Os?.Name == "linux") errors.Forbidden($"{at}.windowsOptions", "windows options cannot be set for a linux pod");
        Seccomp(context.SeccompProfile, $"{at}.seccompProfile", errors);
        AppArmor(context.AppArmorProfile, $"{at}.appArmorProfile", errors);
        Sysctls(spec, context.Sysctls ?? [], $"{at}.sysctls", errors);
    }

    public static void Container(SecurityContext? context, string path, FieldErrors errors)
    {
        if (context is null) return;
        Id($"{path}.runAsUser", context.RunAsUser, errors);
        Id($"{path}.runAsGroup", context.RunAsGroup, errors);
        if (context.ProcMount is { } procMount) errors.OneOf($"{path}.procMount", procMount, "Default", "Unmasked");
        Seccomp(context.SeccompProfile, $"{path}.seccompProfile", errors);
        AppArmor(context.AppArmorProfile, $"{path}.appArmorProfile", errors);
        if (context.AllowPrivilegeEscalation != false) return;
        if (context.Privileged == true) errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        if (context.Capabilities?.Add?.Contains("CAP_SYS_ADMIN") == true)
            errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }

    public static void Mount(VolumeMount mount, Container container, string path, FieldErrors errors)
    {
        if (mount.MountPropagation is { } propagation)
        {
            errors.OneOf($"{path}.mountPropagation", propagation, "Bidirectional", "HostToContainer", "None");
            if (propagation == "Bidirectional" && container.SecurityContext?.Privileged != true)
                errors.Forbidden($"{path}.mountPropagation", "Bidirectional mount propagation is available only to privileged containers");
        }
        if (mount.RecursiveReadOnly is not { } recursive) return;
        errors.OneOf($"{path}.recursiveReadOnly", recursive, "Disabled", "Enabled", "IfPossible");
        if (recursive is not ("Enabled" or "IfPossible")) return;
        if (mount.ReadOnly != true) errors.Forbidden($"{path}.recursiveReadOnly", "may only be specified when readOnly is true");
        if (mount.MountPropagation is not (null or "None")) errors.Forbidden($"{path}.recursiveReadOnly", "may only be specified when mountPropagation is None or not specified");
    }

    private static void Id(string field, long? id, FieldErrors errors)
    {
        if (id is < 0 or > int.MaxValue) errors.Invalid(field, id, IdRange);
    }

    private static void Seccomp(SeccompProfile? profile, string path, FieldErrors errors)
    {
        if (profile is null) return;
        if (profile.Type.Length == 0) errors.Required($"{path}.type", "type is required when seccompProfile is set");
        else errors.OneOf($"{path}.type", profile.Type, Profiles);
        if (profile.Type != "Localhost")
        {
            if (profile.LocalhostProfile is not null) errors.Invalid($"{path}.localhostProfile", profile.LocalhostProfile, "can only be set when seccomp type is Localhost");
        }
        else if (string.IsNullOrEmpty(profile.LocalhostProfile)) errors.Required($"{path}.localhostProfile", "must be set when seccomp type is Localhost");
        else VolumeValidation.RelativePath(profile.LocalhostProfile, $"{path}.localhostProfile", errors);
    }

    private static void AppArmor(AppArmorProfile? profile, string path, FieldErrors errors)
    {
        if (profile is null) return;
        if (profile.Type.Length == 0) errors.Required($"{path}.type", "type is required when appArmorProfile is set");
        else errors.OneOf($"{path}.type", profile.Type, Profiles);
        if (profile.Type != "Localhost")
        {
            if (profile.LocalhostProfile is not null) errors.Invalid($"{path}.localhostProfile", profile.LocalhostProfile, "can only be set when AppArmor type is Localhost");
        }
        else if (string.IsNullOrWhiteSpace(profile.LocalhostProfile)) errors.Required($"{path}.localhostProfile", "must be set when AppArmor type is Localhost");
    }

    private static void Sysctls(PodSpec spec, IReadOnlyList<Sysctl> sysctls, string path, FieldErrors errors)
    {
        var names = new HashSet<string>();
        for (var i = 0; i < sysctls.Count; i++)
        {
            var (name, at) = (sysctls[i].Name, $"{path}[{i}].name");
            var dotted = name.Replace('/', '.');
            if (name.Length == 0) errors.Required(at);
            else if (name.Length > LongestSysctl || !Sysctl().IsMatch(name))
                errors.Invalid(at, name, $"must have at most {LongestSysctl} characters and match regex {Sysctl()}");
            else if (!names.Add(name)) errors.Duplicate(at, name);
            else if (spec.HostNetwork == true && dotted.StartsWith("net.", StringComparison.Ordinal)) errors.Invalid(at, name, "may not be specified when 'hostNetwork' is true");
            else if (spec.HostIPC == true && (dotted == "kernel.sem" || new[] { "kernel.shm", "kernel.msg", "fs.mqueue." }.Any(prefix => dotted.StartsWith(prefix, StringComparison.Ordinal))))
                errors.Invalid(at, name, "may not be specified when 'hostIPC' is true");
        }
    }
}
