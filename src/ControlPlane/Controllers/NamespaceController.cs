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

    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(200);

    private readonly IReadOnlyList<NamespaceContents> kinds = NamespaceContents.AllKinds(client);

    public override void Watch()
    {
        informers.Namespaces.Changed += (_, updated) => { if (updated is not null) Queue.Add(updated.Key); };
        // Deleted or changed by hand: put back.
        informers.ServiceAccounts.Changed += (old, updated) => { if (updated is null && old!.Name == DefaultAccount) Queue.Add(old.Namespace); };
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

    /// <summary>Pods may take their grace period: looks again until nothing is left.</summary>
    private async Task Empty(Namespace ns, CancellationToken cancel)
    {
        var left = 0;
        foreach (var kind in kinds) left += await kind.DeleteAll(ns.Name, cancel);
        if (left > 0)
        {
            Queue.AddAfter(ns.Key, Recheck);
            return;
        }
        var finalizers = ns.Spec!.Finalizers!.Where(finalizer => finalizer != Finalizer).ToList();
        try { await client.UpdateSubresource(ns with { Spec = ns.Spec with { Finalizers = finalizers } }, "finalize", cancel); }
        catch (ApiException e) when (e.IsNotFound) { }
    }
}
