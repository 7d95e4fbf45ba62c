using System.Text.Json.Nodes;

namespace ControlPlane.ApiServer;

/// <summary>JSON merge patch (RFC 7386): objects are merged, null removes, everything else replaces.</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var result = target as JsonObject ?? [];
        foreach (var (name, change) in changes)
        {
            if (change is null) result.Remove(name);
            else
            {
                var merged = Apply(result[name], change);
                if (!ReferenceEquals(merged, result[name])) result[name] = merged;
            }
        }
        return result;
    }
}
