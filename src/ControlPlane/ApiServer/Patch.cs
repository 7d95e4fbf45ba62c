using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Patches;
using ControlPlane.Registry;
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
    /// <param name="Faults">What the patch itself says twice, or says that no patch may say; empty where nobody wants to know.</param>
    public sealed record Parsed(ApiRequest Request, string Type, JsonNode Changes, IReadOnlyList<string> Faults)
    {
        /// <summary>The revision that the patch insists on; null if it takes any.</summary>
        public string? Revision =>
            Changes is JsonObject map && map["metadata"] is JsonObject metadata && metadata["resourceVersion"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

        /// <exception cref="StatusException">The patch does not apply, or its result is no object of this kind.</exception>
        public KubeObject Apply(KubeObject current)
        {
            var type = current.GetType();
            var patched = Patched(JsonTree.Parse(KubeJson.Serialize(current))!.AsObject(), type);
            var faults = FaultsOf(patched, type);
            KubeObject result;
            try { result = (KubeObject)RequestBody.Bind(patched, Resource.Of(type), type); }
            catch (StatusException e) { throw Refused(patched, e.Message); }
            Judge(faults, patched);
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

        private List<string> FaultsOf(JsonObject patched, Type type) => RequestBody.FieldValidation(Request) == "Ignore" ? []
            : [.. Faults, .. FieldCheck.Find(JsonSerializer.SerializeToUtf8Bytes(patched, KubeJson.Options), type)];

        private void Judge(List<string> faults, JsonObject patched)
        {
            if (faults.Count == 0) return;
            if (RequestBody.FieldValidation(Request) == "Strict") throw Refused(patched, $"strict decoding error: {string.Join(", ", faults)}");
            foreach (var text in faults) Request.Warn(text);
        }

        /// <summary>The error shows the patch if it is a strategic one, else what came out.</summary>
        private StatusException Refused(JsonObject patched, string why)
        {
            var errors = new FieldErrors();
            errors.Invalid("patch", Type == Strategic ? GoText.Format(Changes) : patched.ToJsonString(KubeJson.Options), why);
            return StatusException.Invalid("", "", "", errors.Causes);
        }
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
            if (changes is JsonArray { Count: > JsonPatch.MostOperations } many)
                throw StatusException.TooLarge($"The allowed maximum operations in a JSON patch is {JsonPatch.MostOperations}, got {many.Count}");
            return new Parsed(request, type, changes!, RequestBody.FieldValidation(request) == "Ignore" ? [] : Faults(type, body));
        }
        catch (JsonException e)
        {
            throw StatusException.BadRequest($"error decoding patch: {RequestBody.GoMessage(e, body)} ({RequestBody.Summary(body)})");
        }
    }

    private static readonly WireType Operations = new(WireShape.List, typeof(IReadOnlyList<JsonPatchOperation>), new WireType(WireShape.Object, typeof(JsonPatchOperation)));

    private static IReadOnlyList<string> Faults(string type, byte[] body) =>
        type == Json ? [.. FieldCheck.Find(body, Operations).Select(fault => $"json patch {fault}")] : FieldCheck.Find(body, (WireType?)null);
}
