using KubeApi.Objects;

namespace NodeAgent.Images;

/// <summary>The credentials that a pod brings for its images: of its spec.imagePullSecrets.</summary>
/// <param name="find">Namespace and name to Secret; null where there is none.</param>
internal sealed class PullSecrets(Func<string, string, CancellationToken, Task<Secret?>> find)
{
    /// <summary>For nodes, and tests, without an API to ask.</summary>
    public static PullSecrets None { get; } = new((_, _, _) => Task.FromResult<Secret?>(null));

    /// <summary>Those that fit the image, in the order to be tried; and the Secrets that could not be had.</summary>
    /// <exception cref="FormatException">A Secret has no credentials that could be read.</exception>
    public async Task<(IReadOnlyList<RegistryCredential> Credentials, IReadOnlyList<string> Missing)> For(Pod pod, ImageName image, CancellationToken cancel)
    {
        var (all, missing) = (new List<RegistryCredential>(), new List<string>());
        foreach (var name in (pod.Spec?.ImagePullSecrets ?? []).Select(reference => reference.Name).OfType<string>().Where(name => name.Length > 0).Distinct())
        {
            if (await Find(pod.Namespace, name, cancel) is { } secret) all.AddRange(RegistryCredential.Of(secret));
            else missing.Add(name);
        }
        return (RegistryKey.Matching(all, image), missing);
    }

    /// <summary>One that cannot be asked for counts as missing: the image may be free for all.</summary>
    private async Task<Secret?> Find(string ns, string name, CancellationToken cancel)
    {
        try { return await find(ns, name, cancel); }
        catch (Exception e) when (e is KubeApi.ApiException or HttpRequestException or Volumes.ObjectNotSyncedException) { return null; }
    }
}
