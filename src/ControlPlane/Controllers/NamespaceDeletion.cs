using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// How far the emptying of a namespace has come, as the conditions of its status tell it (k8s.io/kubernetes
/// pkg/controller/namespace/deletion).
/// </summary>
/// <param name="Remaining">What is still there, by kind.</param>
/// <param name="Errors">What the server refused.</param>
internal sealed record NamespaceDeletion(IReadOnlyList<(Resource Resource, IReadOnlyList<ObjectMeta> Objects)> Remaining, IReadOnlyList<string> Errors)
{
    private static readonly string[] Types =
    [
        "NamespaceDeletionDiscoveryFailure", "NamespaceDeletionGroupVersionParsingFailure", "NamespaceDeletionContentFailure",
        "NamespaceContentRemaining", "NamespaceFinalizersRemaining",
    ];

    public bool IsDone => Remaining.Count == 0 && Errors.Count == 0;

    /// <summary>The status with the present conditions; the same reference if nothing changes.</summary>
    public NamespaceStatus Status(NamespaceStatus old, DateTime now)
    {
        var conditions = Conditions().Select(condition =>
        {
            var before = old.Conditions?.FirstOrDefault(other => other.Type == condition.Type);
            return before is not null && before with { LastTransitionTime = null } == condition ? before
                : condition with { LastTransitionTime = before?.Status == condition.Status ? before.LastTransitionTime : now };
        }).ToList();
        var others = (old.Conditions ?? []).Where(condition => !Types.Contains(condition.Type)).ToList();
        if (conditions.All(condition => old.Conditions?.Contains(condition) == true)) return old;
        return old with { Conditions = [.. others, .. conditions] };
    }

    private IEnumerable<NamespaceCondition> Conditions() =>
    [
        Condition(0, false, "ResourcesDiscovered", "All resources successfully discovered"),
        Condition(1, false, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
        Errors.Count == 0 ? Condition(2, false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization")
            : Condition(2, true, "ContentDeletionFailed", $"Failed to delete all resource types, {Errors.Count} remaining: {string.Join(", ", Errors)}"),
        Remaining.Count == 0 ? Condition(3, false, "ContentRemoved", "All content successfully removed")
            : Condition(3, true, "SomeResourcesRemain", $"Some resources are remaining: {string.Join(", ", Counts())}"),
        Finalizers().ToList() is { Count: > 0 } finalizers
            ? Condition(4, true, "SomeFinalizersRemain", $"Some content in the namespace has finalizers remaining: {string.Join(", ", finalizers)}")
            : Condition(4, false, "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
    ];

    private static NamespaceCondition Condition(int type, bool holds, string reason, string message) =>
        new() { Type = Types[type], Status = holds ? "True" : "False", Reason = reason, Message = message };

    private IEnumerable<string> Counts() => Remaining
        .Select(kind => $"{kind.Resource.Plural}.{kind.Resource.Group} has {kind.Objects.Count} resource instances").Order(StringComparer.Ordinal);

    private IEnumerable<string> Finalizers() => Remaining.SelectMany(kind => kind.Objects).SelectMany(item => item.Finalizers ?? [])
        .GroupBy(finalizer => finalizer).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Key} in {group.Count()} resource instances");
}
