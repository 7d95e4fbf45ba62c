using System.Text;
using System.Text.Json;
using ControlPlane.Patches.ServerSideApply;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Keeps account of who set which field, in the metadata.managedFields of every object that is written.</summary>
internal static class FieldTracking
{
    /// <summary>Bytes; longer names come from an honest client never.</summary>
    private const int LongestManager = 128;

    /// <summary>What an entry takes besides its fields, about.</summary>
    private const int EntryBytes = 200;

    private static readonly JsonDocumentOptions Parsing = new() { MaxDepth = KubeJson.Options.MaxDepth };

    /// <summary>Who writes: the parameter fieldManager or else the program that the User-Agent names.</summary>
    public static FieldManager Writer(ApiRequest request, bool applies = false) =>
        new(request.Query("fieldManager") ?? UserAgent(request), applies, request.Kind.Resource.ApiVersion, request.Target.Subresource);

    /// <summary>Whole seconds, as on the wire.</summary>
    public static DateTime Now()
    {
        var now = DateTime.UtcNow;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }

    /// <summary>Which fields a write of the object, or of its status, can come to own.</summary>
    public static MergeSchema Schema(ApiRequest request, WritePart part) => MergeSchema.OfKind(request.Kind.Resource.Type,
        part == WritePart.Status ? OwnedPart.Status : request.Kind.HasStatus ? OwnedPart.WithoutStatus : OwnedPart.All);

    /// <param name="obj">With defaults, before the server adds what nobody sent.</param>
    public static IReadOnlyList<ManagedFieldsEntry>? Created(ApiRequest request, KubeObject obj)
    {
        using var json = JsonDocument.Parse(KubeJson.Serialize(obj with { Metadata = obj.Metadata with { ManagedFields = null } }), Parsing);
        return FieldOwnership.OfCreated(Schema(request, WritePart.Object), json.RootElement, Writer(request), Now());
    }

    /// <summary>The entries after an update; those of <paramref name="current"/> itself if nothing changed.</summary>
    /// <param name="sent">What the client's own body has as metadata.managedFields. Subresources do not take it.</param>
    public static IReadOnlyList<ManagedFieldsEntry>? Updated(ApiRequest request, Store.StoredObject current, ReadOnlyMemory<byte> updated, IReadOnlyList<ManagedFieldsEntry>? sent)
    {
        var stored = current.Object.Metadata.ManagedFields;
        var entries = request.Target.Subresource.Length > 0 ? stored : FieldOwnership.Sent(sent, stored);
        if (entries is null or { Count: 0 } || updated.Span.SequenceEqual(current.Json.Span)) return entries;
        // Parsed where they lie, in rented memory: this is on the way of every status and lease.
        using var before = JsonDocument.Parse(current.Json, Parsing);
        using var after = JsonDocument.Parse(updated, Parsing);
        return FieldOwnership.AfterUpdate(MergeSchema.OfKind(request.Kind.Resource.Type), before.RootElement, after.RootElement, entries, Writer(request), Now());
    }

    public static JsonElement Parse(ReadOnlySpan<byte> json) => JsonElement.Parse(json, Parsing);

    /// <summary>Anybody can become a manager once more under another name; no object may grow without end by that.</summary>
    /// <exception cref="StatusException">413.</exception>
    public static IReadOnlyList<ManagedFieldsEntry>? Bounded(IReadOnlyList<ManagedFieldsEntry>? entries) =>
        entries?.Sum(entry => (long)(entry.FieldsV1?.Json.Length ?? 0) + EntryBytes) > RequestBody.Limit ? throw StatusException.TooLarge(RequestBody.Limit) : entries;

    /// <exception cref="StatusException">422: a parameter of the write is no good.</exception>
    public static void CheckOptions(ApiRequest request, bool applies = false)
    {
        var errors = new Registry.FieldErrors();
        var manager = request.Query("fieldManager");
        if (manager is null && applies) errors.Required("fieldManager", "is required for apply patch");
        if (manager is not null && Encoding.UTF8.GetByteCount(manager) > LongestManager)
            errors.TooLong("fieldManager", LongestManager);
        if (manager?.Any(char.IsControl) == true) errors.Invalid("fieldManager", manager, "should only contain printable characters");
        if (!applies && request.Verb == "patch" && request.Query("force") is not null) errors.Forbidden("force", "may not be specified for non-apply patch");
        if (errors.Any) throw StatusException.Invalid("meta.k8s.io", request.Options, "", errors.Causes);
    }

    private static string UserAgent(ApiRequest request)
    {
        var name = new string(request.Http.Request.Headers.UserAgent.ToString().Split('/')[0].Where(c => !char.IsControl(c)).ToArray());
        while (Encoding.UTF8.GetByteCount(name) > LongestManager) name = name[..^1];
        return name.Length > 0 ? name : "unknown";
    }
}
