using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Patches;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Schema;

namespace ControlPlane.ApiServer;

/// <summary>PATCH of an object or of its status.</summary>
internal static class Patch
{
    private const string Merge = "application/merge-patch+json", Strategic = "application/strategic-merge-patch+json", Json = "application/json-patch+json";

    /// <exception cref="StatusException">The patch or the change is refused.</exception>
    public static async Task Handle(ApiRequest request, ObjectWriter writer)
    {
        if (ApplyPatch.Is(request))
        {
            if (!ReferenceEquals(request.View, request.Kind)) throw StatusException.UnsupportedMediaType(Json, Merge, Strategic); // fields are tracked by their stored names
            await ApplyPatch.Handle(request, writer);
            return;
        }
        var part = request.Target.Subresource == "status" ? WritePart.Status : WritePart.Object;
        var patch = await Read(request);
        await ObjectAnswer.One(request, await writer.Update(request, request.Key, part, patch.Revision, current => request.Changed(current, patch.Apply(request.View.FromStored(current)))));
    }

    /// <summary>A patch that was read, to be applied once or more.</summary>
    /// <param name="Type">The media type, which says how it is meant.</param>
    public sealed record Parsed(ApiRequest Request, string Type, JsonNode Changes)
    {
        /// <summary>The revision that the patch insists on; null if it takes any.</summary>
        public string? Revision =>
            Changes is JsonObject map && map["metadata"] is JsonObject metadata && metadata["resourceVersion"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

        /// <exception cref="StatusException">The patch does not apply, or its result is no object of this kind.</exception>
        public KubeObject Apply(KubeObject current)
        {
            var type = current.GetType();
            var patched = Patched(JsonTree.Parse(KubeJson.Serialize(current))!.AsObject(), type);
            CheckFields(type, patched);
            KubeObject result;
            try { result = (KubeObject)RequestBody.Bind(patched, Resource.Of(type), type); }
            catch (StatusException e) { throw Refused(e.Message); }
            if (result.Name != current.Name)
                throw StatusException.BadRequest($"the name of the object ({result.Name}) does not match the name on the URL ({current.Name})");
            if (result.Namespace != current.Namespace)
                throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            return result;
        }

        private JsonObject Patched(JsonObject document, Type type)
        {
            try
            {
                return Type switch
                {
                    Json => JsonPatch.Apply(document, (JsonArray)Changes),
                    Strategic => StrategicMergePatch.Apply(document, (JsonObject)Changes, type),
                    _ => (JsonObject)MergePatch.Apply(document, Changes)!,
                };
            }
            catch (PatchException) when (Type == Json)
            {
                throw new StatusException(422, "Invalid", "the server rejected our request due to an error in our request", new StatusDetails());
            }
            catch (PatchException e)
            {
                throw StatusException.BadRequest(e.Message);
            }
        }

        private void CheckFields(Type type, JsonObject patched)
        {
            var mode = RequestBody.FieldValidation(Request);
            if (mode == "Ignore") return;
            var found = FieldCheck.Find(JsonSerializer.SerializeToUtf8Bytes(patched, KubeJson.Options), type);
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
        if (type is not (Merge or Strategic or Json)) throw StatusException.UnsupportedMediaType(Json, Merge, Strategic, ApplyPatch.ContentType);
        var body = await RequestBody.Read(request.Http.Request, request.Aborted);
        try
        {
            var changes = JsonTree.Parse(body);
            if (type == Json ? changes is not JsonArray : changes is not JsonObject)
                throw StatusException.BadRequest($"error decoding patch: json: cannot unmarshal {RequestBody.Describe(changes)} into Go value of type {(type == Json ? "jsonpatch.Patch" : "map[string]interface {}")}");
            return new Parsed(request, type, changes!);
        }
        catch (JsonException e)
        {
            throw StatusException.BadRequest($"error decoding patch: {RequestBody.GoMessage(e, body)} ({RequestBody.Summary(body)})");
        }
    }
}
