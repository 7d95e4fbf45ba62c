using System.Collections;

namespace ControlPlane.Registry;

/// <summary>
/// A field that is known and stored but does not do yet what it asks for: its path below the object that holds it, how
/// to read it (null where it asks for nothing), and what this version does not do. Tables of these are the one place
/// to edit when a feature is built.
/// </summary>
internal sealed record UnbuiltField<T>(string Path, Func<T, object?> Read, string Missing)
{
    /// <summary>Nodes do not start a pod that asks for this, rather than run it differently from what was asked (NodeAgent, Kubelet/Unserved).</summary>
    public bool HoldsPod { get; init; }

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
        return fields.Where(field => field.IsSet(obj)).Select(field =>
            $"{prefix}{field.Path}: stored, but this version {field.Missing}{(field.HoldsPod ? "; such a pod is not started" : "")}");
    }
}
