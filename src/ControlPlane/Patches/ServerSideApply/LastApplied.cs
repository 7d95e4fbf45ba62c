using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Patches.ServerSideApply;

/// <summary>
/// The way from kubectl's client-side apply to server-side apply: what the annotation last-applied-configuration says
/// kubectl may take from the managers that wrote it, and the annotation follows what is applied, so that one can go back.
/// Holds for the manager <c>kubectl</c> only, and for objects that have the annotation.
/// </summary>
internal static class LastApplied
{
    public const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    private const string Kubectl = "kubectl";

    /// <summary>Bytes of all annotations of an object together.</summary>
    private const int MostAnnotations = 256 * 1024;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As <see cref="ServerSideApply.Apply"/>.</summary>
    /// <exception cref="ApplyConflictException">Others manage what would change.</exception>
    public static ServerSideApply.Result Apply(Type kind, MergeSchema schema, JsonElement live, JsonElement config,
        IReadOnlyList<ManagedFieldsEntry>? entries, FieldManager manager, bool force, DateTime now)
    {
        try
        {
            return Synchronized(ServerSideApply.Apply(schema, live, config, entries, manager, force, now), config, manager);
        }
        catch (ApplyConflictException e) when (manager.Name == Kubectl && Allowed(kind, live) is { } allowed)
        {
            var left = e.Conflicts.Where(conflict => !allowed.Contains(conflict.Elements)).ToList();
            if (left.Count > 0) throw new ApplyConflictException(left);
            return Synchronized(ServerSideApply.Apply(schema, live, config, entries, manager, force: true, now), config, manager);
        }
    }

    /// <summary>The fields that the annotation sets and the object still has with these values.</summary>
    private static FieldSet? Allowed(Type kind, JsonElement live)
    {
        if (Find(live) is not { Length: > 0 } text) return null;
        try
        {
            var last = JsonElement.Parse(text);
            if (last.ValueKind != JsonValueKind.Object || TypedCheck.Find(kind, last).Count > 0) return null;
            if (!last.TryGetProperty("apiVersion", out var version) || !TypedValue.Same(version, live.GetProperty("apiVersion"))) return null;
            var schema = MergeSchema.OfKind(kind);
            var comparison = Comparison.Of(schema, last, live);
            return TypedValue.Fields(schema, last).Difference(comparison.Taken).Difference(comparison.Removed);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // no JSON, no Unicode
        {
            return null;
        }
    }

    private static string? Find(JsonElement obj) =>
        obj.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object
        && annotations.TryGetProperty(Annotation, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static ServerSideApply.Result Synchronized(ServerSideApply.Result result, JsonElement config, FieldManager manager)
    {
        if (manager.Name != Kubectl || Find(result.Object) is null) return result;
        var applied = JsonObject.Create(config)!;
        if (applied["metadata"]?["annotations"] is JsonObject own) own.Remove(Annotation);
        var obj = JsonObject.Create(result.Object)!;
        var annotations = (JsonObject)obj["metadata"]!["annotations"]!;
        annotations[Annotation] = applied.ToJsonString(Compact) + "\n";
        if (annotations.Sum(pair => pair.Key.Length + (pair.Value?.ToString().Length ?? 0)) > MostAnnotations) annotations.Remove(Annotation);
        return result with { Object = JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(obj, KubeJson.Options), new JsonDocumentOptions { MaxDepth = KubeJson.Options.MaxDepth }) };
    }
}
