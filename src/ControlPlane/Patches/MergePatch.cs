using System.Text.Json.Nodes;

namespace ControlPlane.Patches;

/// <summary>JSON merge patch (RFC 7386): objects merge, null removes, everything else replaces.</summary>
internal static class MergePatch
{
    /// <summary>The patched value; the arguments stay as they are.</summary>
    public static JsonNode? Apply(JsonNode? current, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var result = current is JsonObject old ? (JsonObject)old.DeepClone() : [];
        foreach (var (name, change) in changes)
        {
            if (change is null) result.Remove(name);
            else result[name] = Apply(result[name], change);
        }
        return result;
    }
}
