using System.Text.Json;
using KubeApi.Objects;

namespace ControlPlane.Store;

/// <summary>Which node a pod is bound to, told without making the pod of its JSON: of all pods, at start, that would take a second.</summary>
internal static class PodNode
{
    private const string Pods = "pods";

    /// <summary>Null for what is no pod, or on no node yet.</summary>
    public static string? Of(StoreKey key, KubeObject obj) => key.Resource == Pods && obj is Pod { Spec.NodeName: { Length: > 0 } node } ? node : null;

    /// <param name="json">Of an object; spec.nodeName is looked for there.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static string? Of(StoreKey key, ReadOnlySpan<byte> json)
    {
        if (key.Resource != Pods || json.IndexOf("\"nodeName\""u8) < 0) return null;
        var reader = new Utf8JsonReader(json);
        return Enter(ref reader, "spec"u8) && Enter(ref reader, "nodeName"u8) && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } node ? node : null;
    }

    /// <summary>From before or at the beginning of an object to the value of one of its fields; false where it has none of that name.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> field)
    {
        if (reader.TokenType == JsonTokenType.None) reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(field);
            reader.Read();
            if (found) return true;
            reader.Skip();
        }
        return false;
    }
}
