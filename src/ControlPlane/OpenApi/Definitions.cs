using KubeApi;
using KubeApi.Objects;
using KubeApi.Schema;

namespace ControlPlane.OpenApi;

/// <summary>The types that a document has to define: those of its paths, and all that they lead to.</summary>
internal sealed class Definitions
{
    private readonly SortedDictionary<string, Type> records = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ScalarDefinition> scalars = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Resource> lists = new(StringComparer.Ordinal);

    public Definitions(IEnumerable<RestPath> paths)
    {
        foreach (var path in paths)
        {
            Add(path.Body.Type);
            foreach (var operation in path.Operations) AddFor(path, operation);
        }
    }

    /// <summary>Records by the name of their API type.</summary>
    public IReadOnlyDictionary<string, Type> Records => records;

    public IReadOnlyDictionary<string, ScalarDefinition> Scalars => scalars;

    /// <summary>Kinds of which lists are answered, by the name of the list's type.</summary>
    public IReadOnlyDictionary<string, Resource> Lists => lists;

    /// <exception cref="InvalidOperationException">The record has no <see cref="ApiTypeAttribute"/>.</exception>
    public static string NameOf(Type type) =>
        TypeSchema.Of(type).ApiType?.Name ?? throw new InvalidOperationException($"{type} has no name in the API");

    public static string ListNameOf(Type type) => NameOf(type) + "List";

    private void AddFor(RestPath path, RestOperation operation)
    {
        if (operation.Action == "list" && lists.TryAdd(ListNameOf(path.Body.Type), path.Body)) Add(typeof(ListMeta));
        if (operation.Action == "patch") scalars.TryAdd(ScalarDefinition.Patch.Name, ScalarDefinition.Patch);
        if (operation.Method == "delete")
        {
            Add(typeof(DeleteOptions));
            Add(typeof(Status));
        }
    }

    private void Add(Type type)
    {
        if (!records.TryAdd(NameOf(type), type)) return;
        foreach (var field in TypeSchema.Of(type).Fields.Values) Add(field.Type, field.Name);
    }

    private void Add(WireType type, string field)
    {
        if (type.Element is { } element) Add(element, field);
        else if (type.Shape == WireShape.Object) Add(type.Clr);
        else if (ScalarDefinition.Of(type, field) is { } scalar) scalars.TryAdd(scalar.Name, scalar);
    }
}
