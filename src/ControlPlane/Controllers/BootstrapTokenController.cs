using ControlPlane.Authentication;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Deletes the Secrets of join tokens that have expired (Kubernetes' tokencleaner).</summary>
internal sealed class BootstrapTokenController(ApiClient client, SharedInformers informers, Action<string> log) : Controller("token-cleaner", log)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    public override void Watch() => informers.Secrets.Changed += (_, updated) =>
    {
        if (updated is { Namespace: BootstrapTokens.Namespace, Type: BootstrapTokens.SecretType }) Queue.Add(updated.Key);
    };

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Secrets.Get(key) is not { Type: BootstrapTokens.SecretType } secret || BootstrapTokens.ExpirationOf(secret) is not { } end) return;
        var left = end - DateTime.UtcNow;
        if (left > TimeSpan.Zero) Queue.AddAfter(key, left < LongestWait ? left : LongestWait);
        else
            try { await client.Delete<Secret>(secret.Namespace, secret.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = secret.Metadata.Uid } }); }
            catch (ApiException e) when (e.IsConflict) { } // another one of the same name: it is looked at by itself
    }
}
