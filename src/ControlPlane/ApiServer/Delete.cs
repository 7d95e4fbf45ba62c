using ControlPlane.Admission;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>DELETE of one object or of a collection.</summary>
internal sealed class Delete(ObjectStore store, Registry.ServiceAddresses addresses, AdmissionChain admission)
{
    /// <summary>So many of a collection go at the same time: their writes share a commit.</summary>
    private const int Attempts = 100, Together = 64;

    private static readonly string[] UndeletableNamespaces = ["default", "kube-system", "kube-public"];

    /// <exception cref="StatusException">The object is not there or the options do not hold.</exception>
    public async Task Handle(ApiRequest request)
    {
        var options = await ReadOptions(request);
        var (obj, gone) = await One(request, request.Key, options);
        if (!gone) await ObjectAnswer.One(request, obj);
        else await Answer.Success(request.Http, 200, new StatusDetails
        {
            Name = obj.Key.Name, Group = request.Resource.Group is { Length: > 0 } group ? group : null, Kind = request.Resource.Plural, Uid = obj.Object.Metadata.Uid,
        });
    }

    /// <summary>Deletes all that the selectors match; answers with the list of them.</summary>
    /// <exception cref="StatusException">The options do not hold.</exception>
    public async Task HandleCollection(ApiRequest request)
    {
        if (request.Resource.Namespaced && request.Namespace.Length == 0) throw StatusException.MethodNotAllowed();
        var options = await ReadOptions(request);
        var items = ListFilter.Of(request).Select(store.Snapshot);
        if (request.Number("limit") is > 0 and var limit) items = items.Take((int)Math.Min(limit, int.MaxValue));
        var deleted = new List<StoredObject>();
        foreach (var together in items.ToList().Chunk(Together))
            deleted.AddRange((await Task.WhenAll(together.Select(item => IfThere(request, item.Key, options)))).OfType<StoredObject>());
        await ObjectAnswer.List(request, deleted, new ListMeta { ResourceVersion = store.Snapshot.Revision.ToString() });
    }

    /// <summary>Null where someone else was faster.</summary>
    private async Task<StoredObject?> IfThere(ApiRequest request, StoreKey key, DeleteOptions options)
    {
        try { return (await One(request, key, options)).Object; }
        catch (StatusException e) when (e.Code == 404) { return null; }
    }

    /// <summary>Asks whether this sender may delete this object, before anything else is done for its deletion.</summary>
    /// <exception cref="StatusException">403.</exception>
    public void Admit(ApiRequest request, KubeObject obj) => admission.Delete(request, obj);

    /// <summary>Deletes one object or marks it; tells whether it is gone.</summary>
    /// <exception cref="StatusException">The object is not there or the preconditions do not hold.</exception>
    public async Task<(StoredObject Object, bool Gone)> One(ApiRequest request, StoreKey key, DeleteOptions options)
    {
        if (key.Resource == "namespaces" && UndeletableNamespaces.Contains(key.Name))
            throw StatusException.Forbidden(request.Resource, key.Name, "this namespace may not be deleted");
        var dryRun = options.DryRun is { Count: > 0 };
        for (var attempt = 1; ; attempt++)
        {
            var current = store.Snapshot.Get(key) ?? throw StatusException.NotFound(request.Resource, key.Name);
            admission.Delete(request, current.Object);
            CheckPreconditions(request, current, options.Preconditions);
            if (attempt == 1 && current.Object is Job && options is { PropagationPolicy: null, OrphanDependents: null })
                request.Warn("child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning");
            var marked = Deletion.Mark(current.Object, options, DateTime.UtcNow);
            var finished = Deletion.IsFinished(marked);
            if (dryRun) return (ObjectWriter.Unstored(key, marked), finished);
            try
            {
                if (finished)
                {
                    var deleted = await store.Delete(key, current.Revision);
                    if (deleted.Object is Service service) addresses.Release(service);
                    return (deleted, true);
                }
                var unchanged = KubeJson.Serialize(marked).AsSpan().SequenceEqual(current.Json.Span);
                return (unchanged ? current : await store.Update(key, current.Revision, marked), false);
            }
            catch (StoreException e)
            {
                if (e.Fault != StoreFault.Conflict || attempt == Attempts) throw ObjectWriter.Translate(e, request.Resource, key.Name);
            }
        }
    }

    private static void CheckPreconditions(ApiRequest request, StoredObject current, Preconditions? preconditions)
    {
        var meta = current.Object.Metadata;
        if (preconditions?.Uid is { } uid && uid != meta.Uid)
            throw StatusException.Conflict(request.Resource, current.Key.Name, $"the UID in the precondition ({uid}) does not match the UID in record ({meta.Uid}). The object might have been deleted and then recreated");
        if (preconditions?.ResourceVersion is { } revision && revision != meta.ResourceVersion)
            throw StatusException.Conflict(request.Resource, current.Key.Name, $"the ResourceVersion in the precondition ({revision}) does not match the ResourceVersion in record ({meta.ResourceVersion}). The object might have been modified");
    }

    /// <summary>From the body, which need not name its kind, or from the query.</summary>
    private static async Task<DeleteOptions> ReadOptions(ApiRequest request)
    {
        var body = await RequestBody.Read(request.Http.Request, request.Aborted);
        var options = body.Length == 0 ? new DeleteOptions() : RequestBody.DecodeOptions<DeleteOptions>(request, body);
        options = options with
        {
            GracePeriodSeconds = options.GracePeriodSeconds ?? request.Number("gracePeriodSeconds"),
            PropagationPolicy = options.PropagationPolicy ?? request.Query("propagationPolicy"),
            DryRun = options.DryRun ?? (request.Query("dryRun") is { } dryRun ? [dryRun] : null),
            OrphanDependents = options.OrphanDependents ?? (request.Query("orphanDependents") is null ? null : request.Flag("orphanDependents")),
        };
        Validate(options);
        return options;
    }

    /// <exception cref="StatusException">422.</exception>
    public static void Validate(DeleteOptions options)
    {
        var errors = new Registry.FieldErrors();
        if (options.PropagationPolicy is { } policy and not ("Foreground" or "Background" or "Orphan"))
            errors.NotSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan"]);
        if (options.PropagationPolicy is not null && options.OrphanDependents is not null)
            errors.Invalid("propagationPolicy", options.PropagationPolicy, "orphanDependents and deletionPropagation cannot be both set");
        if (options.DryRun?.Any(value => value != "All") == true) errors.NotSupported("dryRun", options.DryRun[0], ["All"]);
        if (errors.Any) throw StatusException.Invalid("meta.k8s.io", "DeleteOptions", "", errors.Causes);
    }
}
