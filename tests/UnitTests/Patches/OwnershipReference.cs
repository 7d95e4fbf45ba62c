using System.Text.Json.Nodes;

namespace UnitTests.Patches;

/// <summary>
/// Server-side apply said again, without speed or sharing: an object is a table of paths and values, an owner a set of
/// paths. Knows the schema of the objects that <see cref="RandomDeployment"/> makes, by hand.
/// </summary>
internal sealed class OwnershipReference
{
    private static readonly Dictionary<string, string[]> Keys = new() { ["containers"] = ["name"], ["env"] = ["name"], ["ports"] = ["containerPort", "protocol"] };
    private static readonly string[] Atomic = ["nodeSelector", "args", "tolerations", "selector"], Maps = ["labels", "annotations"], Sets = ["finalizers"];

    /// <summary>Nobody makes them: objects always have them.</summary>
    private static readonly string[] Given = ["f:metadata", "f:spec", "f:spec/f:template", "f:spec/f:template/f:metadata", "f:spec/f:template/f:spec", "f:spec/f:template/f:spec/f:containers", "f:spec/f:strategy"];

    /// <summary>What the object is.</summary>
    public SortedDictionary<string, string> Object { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>By manager, those that apply with a leading +.</summary>
    public Dictionary<string, HashSet<string>> Owners { get; } = [];

    public void Update(string manager, JsonObject updated)
    {
        var after = Flat(updated);
        var taken = Taken(after);
        var removed = Object.Keys.Except(after.Keys).ToHashSet();
        foreach (var (name, fields) in Owners)
        {
            fields.ExceptWith(removed);
            if (name != manager) fields.ExceptWith(taken);
        }
        if (taken.Count > 0) Owners.TryAdd(manager, []);
        if (taken.Count > 0) Owners[manager].UnionWith(taken);
        Finish(after);
    }

    /// <returns>The paths that others manage, unless forced; then nothing is done.</returns>
    public List<string> Apply(string manager, JsonObject config, bool force)
    {
        var wanted = Flat(config);
        var applied = wanted.Keys.Where(path => IsOwned(path, wanted)).ToHashSet();
        var last = Owners.GetValueOrDefault("+" + manager) ?? [];
        var others = Owners.Where(owner => owner.Key != "+" + manager).ToList();
        var kept = Closed(applied.Concat(others.SelectMany(owner => owner.Value)));
        var dropped = Closed(last).Except(kept).ToHashSet();
        var after = new SortedDictionary<string, string>(Object, StringComparer.Ordinal);
        foreach (var (path, value) in wanted) after[path] = value;
        if (last.Count > 0)
            foreach (var path in after.Keys.Where(path => dropped.Any(gone => path == gone || path.StartsWith(gone + "/", StringComparison.Ordinal))).ToList()) after.Remove(path);
        var taken = Taken(after);
        var conflicts = others.SelectMany(owner => owner.Value.Intersect(taken)).ToList();
        if (conflicts.Count > 0 && !force) return conflicts;
        var removed = Object.Keys.Except(after.Keys).ToList();
        foreach (var (_, fields) in others)
        {
            fields.ExceptWith(taken);
            fields.ExceptWith(removed);
        }
        Owners["+" + manager] = applied;
        Finish(after);
        return [];
    }

    private void Finish(SortedDictionary<string, string> after)
    {
        Object = after;
        foreach (var name in Owners.Where(owner => owner.Value.Count == 0).Select(owner => owner.Key).ToList()) Owners.Remove(name);
    }

    private HashSet<string> Taken(SortedDictionary<string, string> after) =>
        after.Where(pair => !Object.TryGetValue(pair.Key, out var old) || old != pair.Value).Select(pair => pair.Key).ToHashSet();

    /// <summary>Every path with the named fields above it: a field made of nothing but dropped ones goes as a whole.</summary>
    private static HashSet<string> Closed(IEnumerable<string> paths)
    {
        var closed = new HashSet<string>();
        foreach (var path in paths)
        {
            closed.Add(path);
            var steps = Steps(path);
            for (var length = 1; length < steps.Count; length++)
                if (steps[length - 1].StartsWith("f:", StringComparison.Ordinal)) closed.Add(string.Join('/', steps.Take(length)));
        }
        return closed;
    }

    private static List<string> Steps(string path) => [.. path.Split('/')];

    /// <summary>Of what a configuration says, a field that only holds others is not owned; entries of lists and maps are.</summary>
    private static bool IsOwned(string path, SortedDictionary<string, string> all) =>
        all[path] != "{}" || !path.Split('/')[^1].StartsWith("f:", StringComparison.Ordinal);

    public static SortedDictionary<string, string> Flat(JsonObject obj)
    {
        var flat = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in obj)
            if (name is not ("kind" or "apiVersion")) Flatten(flat, "f:" + name, name, value!);
        foreach (var given in Given) flat.Remove(given);
        flat.Remove("f:metadata/f:name");
        return flat;
    }

    private static void Flatten(SortedDictionary<string, string> flat, string path, string name, JsonNode value)
    {
        if (Atomic.Contains(name) || value is JsonValue) flat[path] = value.ToJsonString();
        else if (value is JsonObject map)
        {
            flat[path] = "{}";
            foreach (var (key, child) in map) Flatten(flat, $"{path}/f:{key}", Maps.Contains(name) ? "" : key, child!);
        }
        else
        {
            flat[path] = "{}";
            foreach (var entry in value.AsArray())
            {
                if (Sets.Contains(name)) flat[$"{path}/v:{entry!.ToJsonString()}"] = "\"\"";
                else Flatten(flat, $"{path}/k:{{{string.Join(',', Keys[name].Select(key => $"\"{key}\":{entry![key]?.ToJsonString() ?? "\"TCP\""}"))}}}", "", entry!);
            }
        }
    }
}
