using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Admission;
using ControlPlane.Patches.ServerSideApply;
using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// Which rules a write goes by: those of the object, those of its status, those of a subresource whose handler has
/// applied them (to the object or to its status), or none as the server itself made the change.
/// </summary>
internal enum WritePart { Object, Status, Subresource, SubresourceStatus, Server }

/// <summary>
/// The way into the store that every verb shares: defaults, namespace check, validation, then a compare-and-swap that
/// is repeated where the client did not insist on a revision.
/// </summary>
internal sealed class ObjectWriter(ObjectStore store, ServiceAddresses addresses, AdmissionChain admission)
{
    private const int Attempts = 100, LongestPrefix = 58; // with the suffix a name has at most 63 characters
    private const string SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789"; // no vowels, no look-alikes (k8s.io/apimachinery util/rand)

    public bool Has(StoreKey key) => store.Snapshot.Get(key) is not null;

    /// <param name="applied">The managers of an object that was made by server-side apply.</param>
    /// <exception cref="StatusException">The object is refused.</exception>
    public async Task<StoredObject> Create(ApiRequest request, KubeObject obj, IReadOnlyList<ManagedFieldsEntry>? applied = null)
    {
        FieldTracking.CheckOptions(request, applied is not null);
        var kind = request.Kind;
        if (!string.IsNullOrEmpty(obj.Metadata.ResourceVersion)) throw StatusException.BadRequest("resourceVersion should not be set on objects to be created");
        RequireNamespace(request, obj.Name);
        var prefix = obj.Name.Length == 0 ? obj.Metadata.GenerateName : null;
        for (var attempt = 1; ; attempt++)
        {
            var errors = new FieldErrors();
            var created = Prepared(request, obj, string.IsNullOrEmpty(prefix) ? null : prefix[..Math.Min(prefix.Length, LongestPrefix)] + RandomSuffix(), applied);
            created = await admission.Create(request, created);
            // First of all: a second object of the same name is told so, and not what else is wrong with it.
            var key = request.KeyOf(created.Name);
            if (prefix is null && store.Snapshot.Get(key) is { } there) throw StatusException.AlreadyExists(request.Resource, created.Name, there.Object.Metadata.DeletionTimestamp is not null);
            kind.ValidateCreate(created, errors);
            using var lease = Lease(request, null, created, errors);
            created = lease.Object;
            if (attempt == 1) foreach (var warning in kind.CreateWarnings(created)) request.Warn(warning);
            if (request.DryRun) return Unstored(key, created);
            try
            {
                var stored = await store.Create(key, created);
                lease.Keep();
                if (created is Namespace) await DefaultServiceAccount.CreateIn(store, created.Name);
                return stored;
            }
            catch (StoreException e)
            {
                if (e.Fault != StoreFault.Exists || prefix is null || attempt == Attempts) throw Translate(e, request.Resource, created.Name);
            }
        }
    }

    /// <param name="expectedRevision">The revision that the client saw; null for an unconditional write.</param>
    /// <param name="change">Makes the new object of the current one; called again when another writer was faster.</param>
    /// <param name="applied">The change is a server-side apply and has said in metadata.managedFields who manages what.</param>
    /// <exception cref="StatusException">The object is gone, the change is refused, or the revision is another.</exception>
    public async Task<StoredObject> Update(ApiRequest request, StoreKey key, WritePart part, string? expectedRevision, Func<KubeObject, KubeObject> change, bool applied = false)
    {
        if (part != WritePart.Server) FieldTracking.CheckOptions(request, applied);
        for (var attempt = 1; ; attempt++)
        {
            var errors = new FieldErrors();
            var current = store.Snapshot.Get(key) ?? throw StatusException.NotFound(request.Resource, key.Name);
            CheckRevision(request, part, expectedRevision, current.Object);
            var changed = change(current.Object);
            var prepared = Prepared(request, current.Object, changed, part);
            if (part != WritePart.Server) prepared = admission.Update(request, current.Object, prepared);
            if (part == WritePart.Object) request.Kind.ValidateUpdate(current.Object, prepared, errors);
            if (part == WritePart.Status) request.Kind.ValidateStatusUpdate(current.Object, prepared, errors);
            using var lease = Lease(request, current.Object, prepared, errors);
            var updated = lease.Object;
            if (part == WritePart.Object && attempt == 1) foreach (var warning in request.Kind.Warnings(updated)) request.Warn(warning);
            var json = Unstored(key, prepared).Json;
            if (json.Length > RequestBody.Limit && json.Length > current.Json.Length) throw StatusException.TooLarge(RequestBody.Limit); // by many small patches
            var managers = applied ? changed.Metadata.ManagedFields : part == WritePart.Server ? current.Object.Metadata.ManagedFields
                : FieldTracking.Updated(request, current, json, changed.Metadata.ManagedFields);
            if (ManagedFields.SameButForTimes(managers, current.Object.Metadata.ManagedFields) && Unchanged(current, ReferenceEquals(updated, prepared) ? json : Unstored(key, updated).Json))
                return current;
            updated = updated with { Metadata = updated.Metadata with { ManagedFields = FieldTracking.Bounded(managers) } };
            if (request.DryRun) return Unstored(key, updated);
            try
            {
                if (Deletion.IsFinished(updated)) // the last finalizer is gone
                {
                    var last = await store.Delete(key, current.Revision);
                    if (last.Object is Service service) addresses.Release(service);
                    return Unstored(key, updated);
                }
                var stored = await store.Update(key, current.Revision, updated);
                lease.Keep();
                return stored;
            }
            catch (StoreException e)
            {
                if (e.Fault != StoreFault.Conflict || expectedRevision is { Length: > 0 } and not "0" || attempt == Attempts) throw Translate(e, request.Resource, key.Name);
            }
        }
    }

    /// <summary>Addresses for an object that is valid.</summary>
    /// <exception cref="StatusException">422: it is not, or an address cannot be had.</exception>
    private AddressLease Lease(ApiRequest request, KubeObject? old, KubeObject obj, FieldErrors errors)
    {
        if (errors.Any) throw StatusException.Invalid(request.Resource, obj.Name, errors.Causes);
        var lease = AddressLease.Take(addresses, old, obj, errors);
        return errors.Any ? throw StatusException.Invalid(request.Resource, obj.Name, errors.Causes) : lease;
    }

    /// <summary>An object as it would have been stored.</summary>
    public static StoredObject Unstored(StoreKey key, KubeObject obj)
    {
        var resource = Resource.Of(obj.GetType());
        obj = obj with { Kind = resource.Kind, ApiVersion = resource.ApiVersion };
        return new StoredObject(key, obj, KubeJson.Serialize(obj), 0);
    }

    public static StatusException Translate(StoreException e, Resource resource, string name) => e.Fault switch
    {
        StoreFault.Exists => StatusException.AlreadyExists(resource, name),
        StoreFault.NotFound => StatusException.NotFound(resource, name),
        StoreFault.Conflict => StatusException.Conflict(resource, name),
        _ => StatusException.InternalError(e.Message),
    };

    /// <exception cref="StatusException">422: no revision, or none where the kind insists on one; 409: another one.</exception>
    private static void CheckRevision(ApiRequest request, WritePart part, string? expected, KubeObject current)
    {
        var errors = new FieldErrors();
        if (!string.IsNullOrEmpty(expected) && !ulong.TryParse(expected, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            errors.Invalid("metadata.resourceVersion", expected, $"strconv.ParseUint: parsing \"{expected}\": invalid syntax");
        if (expected is null or "" or "0" && part == WritePart.Object && request is { Verb: "update", Kind.InsistsOnRevision: true })
            errors.Add("FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0x0: must be specified for an update");
        if (errors.Any) throw StatusException.Invalid(request.Resource, current.Name, errors.Causes);
        if (expected is { Length: > 0 } and not "0" && expected != current.Metadata.ResourceVersion) throw StatusException.Conflict(request.Resource, current.Name);
    }

    private static KubeObject Prepared(ApiRequest request, KubeObject obj, string? generatedName, IReadOnlyList<ManagedFieldsEntry>? applied)
    {
        var uid = Guid.NewGuid().ToString();
        obj = obj with { Metadata = obj.Metadata with { Name = generatedName ?? obj.Metadata.Name, Uid = uid } }; // a job's selector is made of both
        obj = request.Kind.Default(obj);
        var created = request.Kind.PrepareForCreate(obj);
        return created with
        {
            Metadata = created.Metadata with
            {
                Uid = uid, CreationTimestamp = DateTime.UtcNow, ResourceVersion = null,
                DeletionTimestamp = null, DeletionGracePeriodSeconds = null, ManagedFields = FieldTracking.Bounded(applied ?? FieldTracking.Created(request, obj)),
            },
        };
    }

    private static KubeObject Prepared(ApiRequest request, KubeObject current, KubeObject updated, WritePart part)
    {
        if (!string.IsNullOrEmpty(updated.Metadata.Uid) && updated.Metadata.Uid != current.Metadata.Uid)
            throw StatusException.Conflict(request.Resource, current.Name,
                $"Precondition failed: UID in precondition: {updated.Metadata.Uid}, UID in object meta: {current.Metadata.Uid}");
        updated = part switch
        {
            WritePart.Object or WritePart.Subresource => request.Kind.PrepareForUpdate(current, request.Kind.Default(updated)),
            WritePart.Status or WritePart.SubresourceStatus => request.Kind.PrepareForStatusUpdate(current, updated),
            _ => updated,
        };
        return updated with { Metadata = updated.Metadata with { ResourceVersion = current.Metadata.ResourceVersion, ManagedFields = current.Metadata.ManagedFields } };
    }

    private void RequireNamespace(ApiRequest request, string name)
    {
        if (!request.Resource.Namespaced) return;
        var ns = store.Snapshot.Get(new StoreKey("namespaces", "", request.Namespace))?.Object as Namespace
            ?? throw StatusException.NotFound(Resource.Of<Namespace>(), request.Namespace);
        if (ns.Metadata.DeletionTimestamp is not null)
            throw StatusException.Forbidden(request.Resource, name, $"unable to create new content in namespace {ns.Name} because it is being terminated",
                [new StatusCause { Reason = "NamespaceTerminating", Message = $"namespace {ns.Name} is being terminated", Field = "metadata.namespace" }]);
    }

    private static bool Unchanged(StoredObject current, ReadOnlyMemory<byte> json) => json.Span.SequenceEqual(current.Json.Span)
        || json.Length == current.Json.Length && JsonElement.DeepEquals(FieldTracking.Parse(json.Span), FieldTracking.Parse(current.Json.Span));

    private static string RandomSuffix() => RandomNumberGenerator.GetString(SuffixAlphabet, 5);
}
