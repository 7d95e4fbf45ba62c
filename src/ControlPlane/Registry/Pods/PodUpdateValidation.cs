using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>
/// A pod is nearly immutable: images, a shorter deadline, more tolerations and fewer gates are all that may change
/// (core/validation ValidatePodUpdate). The binding subresource sets nodeName and does not come here.
/// </summary>
internal static class PodUpdateValidation
{
    private const string Rule = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
        + "(allow it to be set to 1 if it was previously negative)";

    public static void Validate(PodSpec old, PodSpec updated, Func<object?, object?, bool> same, FieldErrors errors)
    {
        if (ReferenceEquals(old, updated)) return; // a write of the status
        if (old.SchedulingGates is { Count: > 0 }) updated = GatedPodUpdate.Mask(old, updated, same, errors);
        if (old.Containers.Count != updated.Containers.Count) errors.Forbidden("spec.containers", "pod updates may not add or remove containers");
        else if ((old.InitContainers?.Count ?? 0) != (updated.InitContainers?.Count ?? 0)) errors.Forbidden("spec.initContainers", "pod updates may not add or remove containers");
        else if (!same(old, Masked(old, updated))) errors.Forbidden("spec", Rule + Changed(old, Masked(old, updated)));
        Gates(old.SchedulingGates ?? [], updated.SchedulingGates ?? [], errors);
        Deadline(old.ActiveDeadlineSeconds, updated.ActiveDeadlineSeconds, errors);
        Tolerations(old.Tolerations ?? [], updated.Tolerations ?? [], errors);
    }

    /// <summary>The new spec with the old values wherever a change is allowed.</summary>
    private static PodSpec Masked(PodSpec old, PodSpec updated) => updated with
    {
        Containers = updated.Containers.Select((c, i) => c with { Image = old.Containers[i].Image }).ToList(),
        InitContainers = updated.InitContainers?.Select((c, i) => c with { Image = old.InitContainers![i].Image }).ToList(),
        ActiveDeadlineSeconds = old.ActiveDeadlineSeconds,
        Tolerations = old.Tolerations,
        SchedulingGates = old.SchedulingGates,
        TerminationGracePeriodSeconds = old.TerminationGracePeriodSeconds < 0 && updated.TerminationGracePeriodSeconds == 1
            ? old.TerminationGracePeriodSeconds : updated.TerminationGracePeriodSeconds,
    };

    /// <summary>Which fields of the spec differ, so that nobody has to guess.</summary>
    private static string Changed(PodSpec old, PodSpec updated)
    {
        var before = JsonSerializer.SerializeToNode(old, KubeJson.Options)!.AsObject();
        var after = JsonSerializer.SerializeToNode(updated, KubeJson.Options)!.AsObject();
        var names = before.Select(p => p.Key).Union(after.Select(p => p.Key))
            .Where(name => !JsonNode.DeepEquals(before[name], after[name]));
        return "\nchanged: " + string.Join(", ", names.Select(name => "spec." + name));
    }

    private static void Gates(IReadOnlyList<PodSchedulingGate> old, IReadOnlyList<PodSchedulingGate> updated, FieldErrors errors)
    {
        foreach (var gate in updated.Except(old))
            errors.Forbidden("spec.schedulingGates", $"only deletion is allowed, but found new scheduling gate '{gate.Name}'");
    }

    private static void Deadline(long? old, long? updated, FieldErrors errors)
    {
        if (old is null) return;
        if (updated is null) errors.Invalid("spec.activeDeadlineSeconds", updated, "must not update from a positive integer to nil value");
        else if (updated > old) errors.Invalid("spec.activeDeadlineSeconds", updated, "must be less than or equal to previous value");
    }

    private static void Tolerations(IReadOnlyList<Toleration> old, IReadOnlyList<Toleration> updated, FieldErrors errors)
    {
        if (!old.All(toleration => updated.Any(other => other with { TolerationSeconds = toleration.TolerationSeconds } == toleration)))
            errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
    }
}
