namespace ControlPlane.Patches.ServerSideApply;

/// <summary>A field that the configuration sets to another value than its other manager did.</summary>
/// <param name="Manager">As <c>"kubectl" using apps/v1</c>.</param>
internal sealed record FieldConflict(string Manager, IReadOnlyList<string> Elements)
{
    public string Path => PathElement.ToText(Elements);
}

/// <summary>Others manage fields that the configuration would change.</summary>
internal sealed class ApplyConflictException(IReadOnlyList<FieldConflict> conflicts) : Exception(Describe(conflicts))
{
    public IReadOnlyList<FieldConflict> Conflicts => conflicts;

    private static string Describe(IReadOnlyList<FieldConflict> conflicts) => conflicts.Count == 1
        ? $"Apply failed with 1 conflict: conflict with {conflicts[0].Manager}: {conflicts[0].Path}"
        : $"Apply failed with {conflicts.Count} conflicts: " + string.Join('\n', conflicts.GroupBy(conflict => conflict.Manager)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"conflicts with {group.Key}:\n{string.Join('\n', group.Select(conflict => $"- {conflict.Path}"))}"));
}
