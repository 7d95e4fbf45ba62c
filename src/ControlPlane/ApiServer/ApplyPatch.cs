using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Patches.ServerSideApply;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Schema;

namespace ControlPlane.ApiServer;

/// <summary>PATCH with a configuration that is to hold (server-side apply): makes the object, or changes what the configuration says.</summary>
internal static class ApplyPatch
{
    public const string ContentType = "application/apply-patch+yaml";

    private const int Attempts = 10;

    public static bool Is(ApiRequest request) => MediaType.OfBody(request.Http.Request) == ContentType;

    /// <exception cref="StatusException">The configuration is refused, or others manage what it would change.</exception>
    public static async Task Handle(ApiRequest request, ObjectWriter writer)
    {
        var part = request.Target.Subresource == "status" ? WritePart.Status : WritePart.Object;
        var config = await Read(request, request.Resource);
        var (stored, created) = await Write(request, writer, part, config);
        await ObjectAnswer.One(request, stored, created ? 201 : 200);
    }

    /// <summary>A configuration in YAML or JSON: an object of the kind, with its fields checked.</summary>
    /// <exception cref="StatusException">400 or 422.</exception>
    public static async Task<JsonElement> Read(ApiRequest request, Resource kind)
    {
        FieldTracking.CheckOptions(request, applies: true);
        var body = await RequestBody.Read(request.Http.Request, request.Aborted);
        var root = Parse(request, body, kind);
        var given = (Kind: Text(root["kind"]), Version: Text(root["apiVersion"]));
        if (given != (kind.Kind, kind.ApiVersion)) throw StatusException.BadRequest($"invalid object type: {Describe(given.Version, given.Kind)}");
        var metadata = root["metadata"] as JsonObject;
        if (metadata?["managedFields"] is not null) throw StatusException.BadRequest("metadata.managedFields must be nil");
        var config = FieldTracking.Parse(JsonSerializer.SerializeToUtf8Bytes(root, KubeJson.Options));
        var faults = TypedCheck.Find(kind.Type, config);
        if (faults.Count > 0)
            throw StatusException.BadRequest($"failed to create typed patch object ({Text(metadata?["namespace"])}/{Text(metadata?["name"])}; {Describe(given.Version, given.Kind)}): "
                + (faults.Count == 1 ? faults[0] : $"errors:\n  {string.Join("\n  ", faults)}"));
        return config;
    }

    /// <summary>Applies to the object there is; makes one if there is none and the whole object is meant.</summary>
    /// <exception cref="StatusException">It is refused.</exception>
    public static async Task<(StoredObject Stored, bool Created)> Write(ApiRequest request, ObjectWriter writer, WritePart part, JsonElement config)
    {
        var revision = Text(config, "resourceVersion");
        var mayCreate = request.Target.Subresource.Length == 0;
        for (var attempt = 1; ; attempt++)
        {
            var creates = mayCreate && !writer.Has(request.Key);
            try
            {
                return creates ? (await writer.Create(request, Made(request, config, revision, out var managers), managers), true)
                    : (await writer.Update(request, request.Key, part, revision, current => Changed(request, part, current, config), applied: true), false);
            }
            catch (StatusException e) when (mayCreate && attempt < Attempts && writer.Has(request.Key) == creates && e.Status.Reason is "AlreadyExists" or "NotFound")
            {
                // Someone made or removed it meanwhile.
            }
        }
    }

    private static KubeObject Made(ApiRequest request, JsonElement config, string? revision, out IReadOnlyList<ManagedFieldsEntry> managers)
    {
        if (Text(config, "uid") is { Length: > 0 } uid)
            throw StatusException.Conflict(request.Resource, request.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        if (!string.IsNullOrEmpty(revision)) throw StatusException.Conflict(request.Resource, request.Name);
        if (string.IsNullOrEmpty(Text(config, "name")))
            throw StatusException.BadRequest($"the name of the object ({request.Name} based on URL) was undeterminable: name must be provided");
        var made = Merged(request, WritePart.Object, FieldOwnership.NoFields, config, null);
        managers = made.Metadata.ManagedFields ?? [];
        return Create.WithNamespaceOf(request, made);
    }

    private static KubeObject Changed(ApiRequest request, WritePart part, KubeObject current, JsonElement config)
    {
        var live = FieldTracking.Parse(KubeJson.Serialize(current with { Kind = request.Resource.Kind, ApiVersion = request.Resource.ApiVersion }));
        var changed = Merged(request, part, live, config, current.Metadata.ManagedFields);
        return changed.Namespace == current.Namespace ? changed
            : throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
    }

    private static KubeObject Merged(ApiRequest request, WritePart part, JsonElement live, JsonElement config, IReadOnlyList<ManagedFieldsEntry>? entries)
    {
        try
        {
            var type = request.Resource.Type;
            var result = LastApplied.Apply(type, FieldTracking.Schema(request, part), live, config, entries, FieldTracking.Writer(request, applies: true), request.Flag("force"), FieldTracking.Now());
            var merged = (KubeObject)RequestBody.Bind(JsonObject.Create(result.Object)!, request.Resource, type);
            if (merged.Name != request.Name) throw StatusException.BadRequest($"the name of the object ({merged.Name}) does not match the name on the URL ({request.Name})");
            return merged with { Metadata = merged.Metadata with { ManagedFields = result.Entries } };
        }
        catch (ApplyConflictException e)
        {
            throw new StatusException(409, "Conflict", e.Message, new StatusDetails
            {
                Causes = e.Conflicts.Select(conflict => new StatusCause { Reason = "FieldManagerConflict", Message = $"conflict with {conflict.Manager}", Field = conflict.Path }).ToList(),
            });
        }
    }

    private static JsonObject Parse(ApiRequest request, byte[] body, Resource kind)
    {
        JsonNode? root;
        try
        {
            root = JsonTree.Parse(body);
            Judge(request, FieldCheck.Find(body, kind.Type).Where(text => text.StartsWith("duplicate", StringComparison.Ordinal)).ToList(), found => string.Join(", ", found));
        }
        catch (JsonException)
        {
            root = YamlBody.Parse(System.Text.Encoding.UTF8.GetString(body), out var repeated);
            Judge(request, repeated, found => $"error converting YAML to JSON: {YamlBody.Refusal(found)}");
        }
        return root as JsonObject ?? throw StatusException.BadRequest($"error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {RequestBody.Describe(root)} into Go value of type map[string]interface {{}}");
    }

    /// <summary>Unknown fields are always faults; of fields given twice the last counts unless the client wants to be strict.</summary>
    private static void Judge(ApiRequest request, IReadOnlyList<string> twice, Func<IReadOnlyList<string>, string> refusal)
    {
        var mode = RequestBody.FieldValidation(request);
        if (mode == "Ignore" || twice.Count == 0) return;
        if (mode == "Strict") throw StatusException.BadRequest($"error strict decoding YAML: {refusal(twice)}");
        foreach (var text in twice) request.Warn(text);
    }

    private static string Text(JsonNode? value) => value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? text : "";

    private static string? Text(JsonElement config, string field) =>
        config.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary><c>apps/v1, Kind=Deployment</c>, <c>/v1, Kind=Pod</c>.</summary>
    private static string Describe(string apiVersion, string kind) => $"{(apiVersion.Contains('/') ? "" : "/")}{apiVersion}, Kind={kind}";
}
