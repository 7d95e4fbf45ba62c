using KubeApi.Objects;

namespace ControlPlane.Registry.Tables;

/// <summary>Column definitions; wide ones are shown with <c>-o wide</c> only.</summary>
internal static class Column
{
    public static TableColumnDefinition Name { get; } = new() { Name = "Name", Format = "name", Description = "Name of the object, unique in its namespace." };

    public static TableColumnDefinition Age { get; } = Text("Age", "Time since the object was created.");

    /// <summary>For kinds that have no printer of their own in Kubernetes.</summary>
    public static TableColumnDefinition CreatedAt { get; } = new() { Name = "Created At", Type = "date", Description = "Time at which the object was created." };

    public static TableColumnDefinition Text(string name, string description) => new() { Name = name, Description = description };

    public static TableColumnDefinition Number(string name, string description) => new() { Name = name, Type = "integer", Description = description };

    public static TableColumnDefinition Wide(string name, string description) => new() { Name = name, Priority = 1, Description = description };
}
