using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Admission;
using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Which rules a write goes by: those of the object, those of its status, or none as the server itself made the change.</summary>
internal enum WritePart { Object, Status, Server }

/// <summary>
/// The way into the store that every verb shares: defaults, namespace check, validation, then a compare-and-swap that
/// is repeated where the client did not insist on a revision.
/// </summary>
internal sealed class ObjectWriter(ObjectStore store, ServiceAddresses addresses, AdmissionChain admission)
{
    private const int Attempts = 100;
    private const string SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789"; // no vowels, no look-alikes (k8s.io/apimachinery util/rand)

    /// <exception cref="StatusException">The object is refused.</exception>
    public async Task<StoredObject> Create(ApiRequest request, KubeObject obj)
    {
        var kind = request.Kind;
        if (!string.IsNullOrEmpty(obj.Metadata.ResourceVersion)) throw StatusException.BadRequest("resourceVersion should not be set on objects to be created");
        RequireNamespace(request, obj.Name);
        var prefix = obj.Name.Length == 0 ? obj.Metadata.GenerateName : null;
        for (var attempt = 1; ; attempt++)
        {
            var errors = new FieldErrors();
            var created = Prepared(kind, obj, string.IsNullOrEmpty(prefix) ? null : prefix + RandomSuffix());
            created = await admission.Create(request, created);
            // Before addresses are taken: a second Service of the same name is told so, and not that its address is taken.
            var key = request.KeyOf(created.Name);
            if (store.Snapshot.Get(key) is not null && prefix is null) throw StatusException.AlreadyExists(request.Resource, created.Name);
            using var lease = AddressLease.Take(addresses, null, created, errors);
            created = lease.Object;
            kind.ValidateCreate(created, errors);
            if (errors.Any) throw StatusException.Invalid(request.Resource, created.Name, errors.Causes);
            foreach (var warning in kind.Warnings(created)) request.Warn(warning);
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
    /// <exception cref="StatusException">The object is gone, the change is refused, or the revision is another.</exception>
    public async Task<StoredObject> Update(ApiRequest request, StoreKey key, WritePart part, string? expectedRevision, Func<KubeObject, KubeObject> change)
    {
        for (var attempt = 1; ; attempt++)
        {
            var errors = new FieldErrors();
            var current = store.Snapshot.Get(key) ?? throw StatusException.NotFound(request.Resource, key.Name);
            if (!string.IsNullOrEmpty(expectedRevision) && expectedRevision != current.Object.Metadata.ResourceVersion)
                throw StatusException.Conflict(request.Resource, key.Name);
            var updated = Prepared(request, current.Object, change(current.Object), part);
            if (part != WritePart.Server) admission.Update(request, current.Object, updated);
            using var lease = AddressLease.Take(addresses, current.Object, updated, errors);
            updated = lease.Object;
            if (part != WritePart.Server) request.Kind.ValidateUpdate(current.Object, updated, errors);
            if (errors.Any) throw StatusException.Invalid(request.Resource, key.Name, errors.Causes);
            if (part == WritePart.Object) foreach (var warning in request.Kind.Warnings(updated)) request.Warn(warning);
            if (Unchanged(current, updated)) return current;
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
                if (e.Fault != StoreFault.Conflict || !string.IsNullOrEmpty(expectedRevision) || attempt == Attempts) throw Translate(e, request.Resource, key.Name);
            }
        }
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

    private static KubeObject Prepared(KindRegistry kind, KubeObject obj, string? generatedName)
    {
        var uid = Guid.NewGuid().ToString();
        obj = obj with { Metadata = obj.Metadata with { Name = generatedName ?? obj.Metadata.Name, Uid = uid } }; // a job's selector is made of both
        var created = kind.PrepareForCreate(kind.Default(obj));
        return created with
        {
            Metadata = created.Metadata with
            {
                Uid = uid, CreationTimestamp = DateTime.UtcNow, ResourceVersion = null,
                DeletionTimestamp = null, DeletionGracePeriodSeconds = null, ManagedFields = null,
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
            WritePart.Object => request.Kind.PrepareForUpdate(current, request.Kind.Default(updated)),
            WritePart.Status => request.Kind.PrepareForStatusUpdate(current, updated),
            _ => updated,
        };
        return updated with { Metadata = updated.Metadata with { ResourceVersion = current.Metadata.ResourceVersion, ManagedFields = null } };
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

    private static bool Unchanged(StoredObject current, KubeObject updated)
    {
        var json = Unstored(current.Key, updated).Json.Span;
        return json.SequenceEqual(current.Json.Span)
            || json.Length == current.Json.Length && JsonElement.DeepEquals(JsonElement.Parse(json), JsonElement.Parse(current.Json.Span));
    }

    private static string RandomSuffix() => RandomNumberGenerator.GetString(SuffixAlphabet, 5);
}
