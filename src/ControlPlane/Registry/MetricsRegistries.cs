using ControlPlane.Registry.Tables;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>What nodes use, as <c>kubectl top nodes</c> reads it: made when somebody asks, never stored.</summary>
internal sealed class NodeMetricsRegistry : VirtualKindRegistry<NodeMetrics>
{
    public override IReadOnlyList<string> Verbs { get; } = ["get", "list"];

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } = MetricsColumns.All;

    protected override IReadOnlyList<object?> Cells(NodeMetrics obj, DateTime now) => MetricsColumns.Cells(obj.Name, [obj.Usage], obj.Window);
}

/// <summary>What pods use, as <c>kubectl top pods</c> reads it.</summary>
internal sealed class PodMetricsRegistry : VirtualKindRegistry<PodMetrics>
{
    public override IReadOnlyList<string> Verbs { get; } = ["get", "list"];

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } = MetricsColumns.All;

    protected override IReadOnlyList<object?> Cells(PodMetrics obj, DateTime now) => MetricsColumns.Cells(obj.Name, obj.Containers.Select(container => container.Usage), obj.Window);
}

/// <summary>As metrics-server prints them.</summary>
internal static class MetricsColumns
{
    public static IReadOnlyList<TableColumnDefinition> All { get; } =
    [
        Column.Name, Column.Text("CPU", "CPU on average over the window."), Column.Text("Memory", "Working set at the end of the window."),
        Column.Text("Window", "Time over which CPU was measured."),
    ];

    public static IReadOnlyList<object?> Cells(string name, IEnumerable<IReadOnlyDictionary<string, Quantity>> usages, string window)
    {
        var all = usages.ToList();
        return [name, Sum(all, "cpu").ToString(), Sum(all, "memory").ToString(), window];
    }

    private static Quantity Sum(IEnumerable<IReadOnlyDictionary<string, Quantity>> usages, string resource) =>
        usages.Select(usage => usage.GetValueOrDefault(resource)).DefaultIfEmpty().Aggregate((sum, next) => sum + next);
}
