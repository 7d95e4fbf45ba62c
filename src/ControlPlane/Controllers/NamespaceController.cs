using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Puts into every namespace what its pods rely on (ServiceAccount <c>default</c>, ConfigMap <c>kube-root-ca.crt</c>) and
/// empties a namespace that is being deleted, then lets it go.
/// </summary>
internal sealed class NamespaceController(ApiClient client, SharedInformers informers, ControllerOptions options, Action<string> log)
    : Controller("namespace-controller", log)
{
    private const string RootCa = "kube-root-ca.crt", DefaultAccount = "default", Finalizer = "kubernetes";

    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<IReadOnlyList<NamespaceContents>> kindsInOrder = NamespaceContents.InOrder(client);

    public override void Watch()
    {
        informers.Namespaces.Changed += (_, updated) => { if (updated is not null) Queue.Add(updated.Key); };
        // Deleted or changed by hand: put back.
        informers.ServiceAccounts.Changed += (old, updated) => { if (updated is null && old!.Name == DefaultAccount) Queue.Add(old.Namespace); };
        informers.Pods.Changed += (old, updated) => { if (updated is null && informers.Namespaces.Get(old!.Namespace) is { Metadata.DeletionTimestamp: not null }) Queue.Add(old.Namespace); };
        informers.ConfigMaps.Changed += (old, updated) => { if ((updated ?? old)!.Name == RootCa) Queue.Add((updated ?? old)!.Namespace); };
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Namespaces.Get(key) is not { } ns) return;
        if (ns.Metadata.DeletionTimestamp is null) await Furnish(ns, cancel);
        else if (ns.Spec?.Finalizers?.Contains(Finalizer) == true) await Empty(ns, cancel);
    }

    private async Task Furnish(Namespace ns, CancellationToken cancel)
    {
        try
        {
            if (informers.ServiceAccounts.Get($"{ns.Name}/{DefaultAccount}") is null)
                await CreateIfAbsent(new ServiceAccount { Metadata = new ObjectMeta { Name = DefaultAccount, Namespace = ns.Name } }, cancel);
            var present = informers.ConfigMaps.Get($"{ns.Name}/{RootCa}");
            var wanted = new Dictionary<string, string> { ["ca.crt"] = options.CaCertificate };
            if (present is null) await CreateIfAbsent(new ConfigMap { Metadata = new ObjectMeta { Name = RootCa, Namespace = ns.Name }, Data = wanted }, cancel);
            else if (!CanonicalJson.Same(present.Data, wanted)) await client.Update(present with { Data = wanted }, cancel);
        }
        catch (ApiException e) when (e.Code is 403 or 404) { } // it is being deleted or gone; the watch will tell
    }

    private async Task CreateIfAbsent<T>(T obj, CancellationToken cancel) where T : KubeObject
    {
        try { await client.Create(obj, cancel); }
        catch (ApiException e) when (e.IsAlreadyExists) { }
    }

    /// <summary>Pods may take their grace period: looks again when one of them goes, and now and then, until nothing is left.</summary>
    private async Task Empty(Namespace ns, CancellationToken cancel)
    {
        var progress = await DeleteContents(ns.Name, cancel);
        if (progress.IsDone)
        {
            var finalizers = ns.Spec!.Finalizers!.Where(finalizer => finalizer != Finalizer).ToList();
            try { await client.UpdateSubresource(ns with { Spec = ns.Spec with { Finalizers = finalizers } }, "finalize", cancel); }
            catch (ApiException e) when (e.IsNotFound) { }
            return;
        }
        Queue.AddAfter(ns.Key, Recheck);
        var status = progress.Status(ns.Status ?? new NamespaceStatus(), DateTime.UtcNow);
        if (ReferenceEquals(status, ns.Status)) return;
        try { await client.UpdateStatus(ns with { Status = status }, cancel); }
        catch (ApiException e) when (e.IsNotFound) { }
    }

    /// <summary>One kind that cannot be emptied does not keep the others of its group from being so.</summary>
    private async Task<NamespaceDeletion> DeleteContents(string ns, CancellationToken cancel)
    {
        var (remaining, errors) = (new List<(Resource, IReadOnlyList<ObjectMeta>)>(), new List<string>());
        foreach (var group in kindsInOrder)
        {
            foreach (var kind in group)
            {
                try
                {
                    if (await kind.DeleteAll(ns, cancel) is { Count: > 0 } left) remaining.Add((kind.Resource, left));
                }
                catch (ApiException e) { errors.Add(e.Message); }
            }
            if (remaining.Count + errors.Count > 0) break;
        }
        return new NamespaceDeletion(remaining, errors);
    }
}
