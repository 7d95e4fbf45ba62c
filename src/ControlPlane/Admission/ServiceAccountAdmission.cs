using ControlPlane.ApiServer;
using ControlPlane.Authorization;
using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.Admission;

/// <summary>
/// Every pod runs as a service account that exists, takes over its imagePullSecrets, and gets a volume with its token
/// (admission plugin ServiceAccount). A pod that stands for one of a node's own making gets nothing of that.
/// </summary>
internal sealed class ServiceAccountAdmission(ObjectStore store)
{
    private const string Default = "default";

    /// <summary>Somebody deleted the account <c>default</c>: the controller makes it again at once, so waiting a little is worth it.</summary>
    private const int Attempts = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <exception cref="StatusException">403: there is no such account.</exception>
    public async Task<Pod> Admit(ApiRequest request, Pod pod)
    {
        if (pod.Metadata.Annotations?.ContainsKey(NodeRestriction.MirrorAnnotation) == true) return pod;
        var spec = pod.Spec ?? new PodSpec();
        var name = string.IsNullOrEmpty(spec.ServiceAccountName) ? Default : spec.ServiceAccountName;
        var account = await Find(request.Namespace, name, request.Aborted)
            ?? throw StatusException.Forbidden(request.Resource, pod.Name, $"error looking up service account {request.Namespace}/{name}: serviceaccount \"{name}\" not found");
        spec = spec with
        {
            ServiceAccountName = name, ServiceAccount = name, ImagePullSecrets = spec.ImagePullSecrets is { Count: > 0 } own ? own : account.ImagePullSecrets,
        };
        return pod with { Spec = ServiceAccountVolume.Wanted(spec, account) ? ServiceAccountVolume.AddTo(spec) : spec };
    }

    private async Task<ServiceAccount?> Find(string ns, string name, CancellationToken cancel)
    {
        var key = new StoreKey("serviceaccounts", ns, name);
        for (var attempt = 1; ; attempt++)
        {
            if (store.Snapshot.Get(key)?.Object is ServiceAccount account) return account;
            if (name != Default || attempt == Attempts) return null;
            await Task.Delay(Pause, cancel);
        }
    }
}
