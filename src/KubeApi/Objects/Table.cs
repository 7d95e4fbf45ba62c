using System.Text.Json;

namespace KubeApi.Objects;

/// <summary>Objects as rows for people, made by the server for <c>kubectl get</c> (meta.k8s.io/v1 Table).</summary>
public sealed record Table : KubeType
{
    public ListMeta Metadata { get; init; } = new();
    public IReadOnlyList<TableColumnDefinition>? ColumnDefinitions { get; init; }
    public IReadOnlyList<TableRow> Rows { get; init; } = [];
}

/// <summary>One column of a Table; kubectl shows those of priority 0 always, the others with <c>-o wide</c>.</summary>
public sealed record TableColumnDefinition
{
    public string Name { get; init; } = "";
    public string Type { get; init; } = "string";
    public string Format { get; init; } = "";
    public string Description { get; init; } = "";
    public int Priority { get; init; }
}

/// <summary>One object of a Table: its cells (strings, integers, booleans) and the object or its metadata.</summary>
public sealed record TableRow
{
    public IReadOnlyList<object?> Cells { get; init; } = [];
    public IReadOnlyList<TableRowCondition>? Conditions { get; init; }
    public JsonElement? Object { get; init; }
}

/// <summary>Marks a row, e.g. as Completed, so that clients can leave it out.</summary>
public sealed record TableRowCondition(string Type, string Status, string Reason, string Message);
