using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Schema;

namespace ControlPlane.ApiServer;

/// <summary>PATCH of an object or of its status.</summary>
internal static class Patch
{
    private const string Merge = "application/merge-patch+json", Strategic = "application/strategic-merge-patch+json";

    /// <exception cref="StatusException">The patch or the change is refused.</exception>
    public static async Task Handle(ApiRequest request, ObjectWriter writer)
    {
        var part = request.Target.Subresource == "status" ? WritePart.Status : WritePart.Object;
        var apply = await Read(request);
        await ObjectAnswer.One(request, await writer.Update(request, request.Key, part, apply.Revision, apply.To));
    }

    /// <summary>A patch that was read, to be applied once or more. <paramref name="Revision"/>: the one that it insists on.</summary>
    public sealed record Parsed(ApiRequest Request, JsonObject Changes, bool IsStrategic, string? Revision)
    {
        /// <exception cref="StatusException">The result is no object of this kind.</exception>
        public KubeObject To(KubeObject current)
        {
            var type = current.GetType();
            var resource = Resource.Of(type);
            var document = JsonNode.Parse(KubeJson.Serialize(current))!.AsObject();
            var patched = IsStrategic ? StrategicMergePatch.Apply(document, Changes, type) : (JsonObject)MergePatch.Apply(document, Changes)!;
            CheckFields(type, patched);
            KubeObject result;
            try { result = (KubeObject)RequestBody.Bind(patched, resource, type); }
            catch (StatusException e) { throw Refused(e.Message); }
            if (result.Name != current.Name || result.Namespace != current.Namespace)
                throw StatusException.BadRequest($"the name of the object ({result.Name}) does not match the name on the URL ({current.Name})");
            return result;
        }

        private void CheckFields(Type type, JsonObject patched)
        {
            var mode = Request.Query("fieldValidation") ?? "Warn";
            if (mode == "Ignore") return;
            var found = FieldCheck.Find(JsonSerializer.SerializeToUtf8Bytes(patched), type);
            if (found.Count == 0) return;
            if (mode == "Strict") throw Refused($"strict decoding error: {string.Join(", ", found)}");
            foreach (var text in found) Request.Warn(text);
        }

        private StatusException Refused(string why) => StatusException.Invalid("", "", "", [new StatusCause
        {
            Reason = "FieldValueInvalid", Field = "patch", Message = $"Invalid value: {Changes.ToJsonString()}: {why}",
        }]);
    }

    /// <exception cref="StatusException">400, 413, 415.</exception>
    public static async Task<Parsed> Read(ApiRequest request)
    {
        var type = MediaType.OfBody(request.Http.Request);
        if (type is not (Merge or Strategic)) throw StatusException.UnsupportedMediaType(Merge, Strategic);
        var body = await RequestBody.Read(request.Http.Request, request.Aborted);
        JsonObject changes;
        try
        {
            changes = JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { MaxDepth = KubeJson.Options.MaxDepth }) as JsonObject
                ?? throw StatusException.BadRequest("error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}");
            _ = changes.Count; // finds duplicate names now
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw StatusException.BadRequest($"error decoding patch: {e.Message} ({Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(30, body.Length)))})");
        }
        var revision = (changes["metadata"] as JsonObject)?["resourceVersion"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        return new Parsed(request, changes, type == Strategic, revision);
    }
}
