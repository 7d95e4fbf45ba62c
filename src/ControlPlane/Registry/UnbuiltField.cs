using System.Collections;

namespace ControlPlane.Registry;

/// <summary>
/// A field that is known and stored but has no effect yet: its path below the object that holds it, how to read it,
/// and what this version does not do. Tables of these are the one place to edit when a feature is built.
/// </summary>
internal sealed record UnbuiltField<T>(string Path, Func<T, object?> Read, string Missing)
{
    private bool IsSet(T obj) => Read(obj) switch
    {
        null or false or "" => false,
        ICollection items => items.Count > 0,
        IEnumerable items and not string => items.GetEnumerator().MoveNext(),
        _ => true,
    };

    /// <summary>One warning per field that is set, with <paramref name="prefix"/> before its path.</summary>
    public static IEnumerable<string> Warnings(IEnumerable<UnbuiltField<T>> fields, T? obj, string prefix)
    {
        if (obj is null) return [];
        return fields.Where(field => field.IsSet(obj)).Select(field => $"{prefix}{field.Path}: stored, but this version {field.Missing}");
    }
}
