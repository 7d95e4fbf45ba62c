using KubeApi.Objects;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.KernelState;

/// <summary>
/// Completes an origin that names an object by kind and name, as the kernel's entries do that have no room for more, by the version that the
/// agent knew at last.
/// </summary>
internal sealed class ObjectVersions
{
    /// <summary>What stands for the own Node where nothing else is an entry's reason.</summary>
    private const string ThisNode = "this Node";

    private readonly Dictionary<string, string> known = [];
    private readonly string node;

    /// <param name="node">Name of the own Node.</param>
    public ObjectVersions(string node, params IEnumerable<KubeObject>[] objects)
    {
        this.node = node;
        foreach (var subject in objects.SelectMany(all => all)) known[$"{subject.GetType().Name} {subject.Key}"] = $"{Origin.Of(subject.GetType().Name, subject)}";
    }

    /// <returns>E.g. "Pod default/a (generation 1, resourceVersion 7) container b" of "Pod default/a container b".</returns>
    public string Complete(string origin)
    {
        if (origin == ThisNode) origin = $"Node {node}";
        if (origin.Contains('(')) return origin;
        var words = origin.Split(' ', 3);
        if (words.Length < 2 || !known.TryGetValue($"{words[0]} {words[1]}", out var whole)) return origin;
        return words.Length == 2 ? whole : $"{whole} {words[2]}";
    }
}
