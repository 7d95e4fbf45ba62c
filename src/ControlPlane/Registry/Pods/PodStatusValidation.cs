using System.Net.Sockets;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for a pod's status (core/validation ValidatePodStatusUpdate).</summary>
internal static class PodStatusValidation
{
    public static void Validate(Pod old, Pod updated, FieldErrors errors)
    {
        var (before, after) = (old.Status ?? new PodStatus(), updated.Status ?? new PodStatus());
        if (after.NominatedNodeName is { Length: > 0 } node) errors.Check("status.nominatedNodeName", node, Names.Dns1123Subdomain(node));
        if (before.QosClass is { Length: > 0 } && after.QosClass != before.QosClass) errors.Invalid("status.qosClass", after.QosClass, "field is immutable");
        var policy = updated.Spec?.RestartPolicy;
        Transitions(before.ContainerStatuses ?? [], after.ContainerStatuses ?? [], "status.containerStatuses", policy, errors);
        Addresses((after.PodIPs ?? []).Select(ip => ip.Ip).ToList(), "status.podIPs", errors);
        Addresses((after.HostIPs ?? []).Select(ip => ip.Ip).ToList(), "status.hostIPs", errors);
        if (after.PodIP is { Length: > 0 } single && after.PodIPs is not { Count: > 0 }) errors.Check("status.podIP", single, IpAddress.Problem(single));
        Conditions(after.Conditions ?? [], errors);
        Counts(after.ContainerStatuses ?? [], "status.containerStatuses", errors);
    }

    /// <summary>A container that ended for good does not come back to life.</summary>
    private static void Transitions(IReadOnlyList<ContainerStatus> old, IReadOnlyList<ContainerStatus> updated, string path, string? restartPolicy, FieldErrors errors)
    {
        if (restartPolicy is not ("Never" or "OnFailure")) return;
        for (var i = 0; i < old.Count; i++)
        {
            if (old[i].State?.Terminated is not { } ended || ended.ExitCode != 0 && restartPolicy == "OnFailure") continue;
            if (updated.FirstOrDefault(status => status.Name == old[i].Name) is { } now && now.State?.Terminated is null)
                errors.Forbidden($"{path}[{i}].state", "may not be transitioned to non-terminated state");
        }
    }

    /// <summary>At most one of each family.</summary>
    private static void Addresses(IReadOnlyList<string?> addresses, string path, FieldErrors errors)
    {
        for (var i = 0; i < addresses.Count; i++) errors.Check($"{path}[{i}]", addresses[i], IpAddress.Problem(addresses[i]));
        if (addresses.Select(IpAddress.Parse).Where(ip => ip is not null).GroupBy(ip => ip!.AddressFamily == AddressFamily.InterNetwork).Any(family => family.Count() > 1))
            errors.Invalid(path, addresses, "may specify no more than one IP for each IP family");
        for (var i = 1; i < addresses.Count; i++)
            if (addresses.Take(i).Contains(addresses[i])) errors.Duplicate($"{path}[{i}]", addresses[i]);
    }

    private static void Conditions(IReadOnlyList<PodCondition> conditions, FieldErrors errors)
    {
        for (var i = 0; i < conditions.Count; i++) errors.Check($"status.conditions[{i}].type", conditions[i].Type, Names.QualifiedName(conditions[i].Type));
    }

    private static void Counts(IReadOnlyList<ContainerStatus> statuses, string path, FieldErrors errors)
    {
        for (var i = 0; i < statuses.Count; i++)
            if (statuses[i].RestartCount < 0) errors.Invalid($"{path}[{i}].restartCount", statuses[i].RestartCount, "must be greater than or equal to 0");
    }
}
