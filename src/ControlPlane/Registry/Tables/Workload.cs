using KubeApi.Objects;

namespace ControlPlane.Registry.Tables;

/// <summary>Columns that the kinds share that make pods of a template.</summary>
internal static class Workload
{
    public static IReadOnlyList<TableColumnDefinition> WideColumns { get; } =
    [
        Column.Wide("Containers", "Names of the containers in the template."), Column.Wide("Images", "Images of the containers in the template."),
        Column.Wide("Selector", "Labels that the pods carry."),
    ];

    public static IReadOnlyList<TableColumnDefinition> ReplicaColumns { get; } =
    [
        Column.Name, Column.Number("Desired", "Wanted number of pods."), Column.Number("Current", "Present number of pods."),
        Column.Number("Ready", "Number of pods that are ready."), Column.Age, .. WideColumns,
    ];

    public static string Containers(PodTemplateSpec? template) => string.Join(',', (template?.Spec?.Containers ?? []).Select(c => c.Name));

    public static string Images(PodTemplateSpec? template) => string.Join(',', (template?.Spec?.Containers ?? []).Select(c => c.Image));

    public static string Selector(LabelSelector? selector)
    {
        if (selector is null) return Cell.None;
        try { return Cell.OrNone(KubeApi.Selector.Of(selector).ToString()); }
        catch (FormatException) { return "<error>"; } // as Kubernetes prints a selector that is no selector
    }
}
