using System.Text.Json;

namespace KubeApi.Objects;

/// <summary>Objects as rows for people, made by the server for <c>kubectl get</c> (meta.k8s.io/v1 Table).</summary>
public sealed record Table : KubeType
{
    /// <summary>What belongs to the list that the table shows: its version, and the token of the next page.</summary>
    public ListMeta Metadata { get; init; } = new();
    /// <summary>The columns in their order; watches name them in the first event only.</summary>
    public IReadOnlyList<TableColumnDefinition>? ColumnDefinitions { get; init; }
    /// <summary>One row for each object.</summary>
    public IReadOnlyList<TableRow> Rows { get; init; } = [];
}

/// <summary>One column of a Table; kubectl shows those of priority 0 always, the others with <c>-o wide</c>.</summary>
public sealed record TableColumnDefinition
{
    /// <summary>Heading for people.</summary>
    public string Name { get; init; } = "";
    /// <summary>Type of the cells as OpenAPI names it: string, integer, number, boolean.</summary>
    public string Type { get; init; } = "string";
    /// <summary>What the type alone does not say; 'name' marks the column with the object's name.</summary>
    public string Format { get; init; } = "";
    /// <summary>What the column shows.</summary>
    public string Description { get; init; } = "";
    /// <summary>0 for columns that are always shown; higher ones are for wide output.</summary>
    public int Priority { get; init; }
}

/// <summary>One object of a Table: its cells (strings, integers, booleans) and the object or its metadata.</summary>
public sealed record TableRow
{
    /// <summary>The values, one for each column.</summary>
    public IReadOnlyList<object?> Cells { get; init; } = [];
    /// <summary>Marks on the row, for clients that treat such objects differently.</summary>
    public IReadOnlyList<TableRowCondition>? Conditions { get; init; }
    /// <summary>The object itself, its metadata only, or nothing, as the parameter includeObject asks.</summary>
    public JsonElement? Object { get; init; }
}

/// <summary>Marks a row, e.g. as Completed, so that clients can leave it out.</summary>
public sealed record TableRowCondition(string Type, string Status, string Reason, string Message);
