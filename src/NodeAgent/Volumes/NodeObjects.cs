using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Volumes;

/// <summary>
/// The Secrets and ConfigMaps that this node's pods refer to, as last seen (the kubelet's watching secret and config map
/// managers). To be told of every pod before its worker is, so that a pod that starts finds its objects here.
/// </summary>
internal sealed class NodeObjects
{
    private readonly ObjectWatches<Secret> secrets;
    private readonly ObjectWatches<ConfigMap> configMaps;

    public NodeObjects(ApiClient client)
    {
        secrets = new ObjectWatches<Secret>(client, secret => secret.Immutable == true, Tell);
        configMaps = new ObjectWatches<ConfigMap>(client, map => map.Immutable == true, Tell);
    }

    /// <summary>Uid of a pod one of whose objects has changed, appeared or gone. Listeners must be quick.</summary>
    public event Action<string>? Changed;

    /// <summary>Objects under watch.</summary>
    public int Count => secrets.Count + configMaps.Count;

    /// <summary>A listener for the pods' informer: starts and ends watches as pods come, change, end and go.</summary>
    public void PodChanged(Pod? before, Pod? after)
    {
        var pod = (after ?? before)!;
        var needed = after is null || after.Status?.Phase is "Succeeded" or "Failed" ? [] : PodReferences.Of(after).ToHashSet();
        secrets.Set(pod.Metadata.Uid!, pod.Namespace, Names(needed, "secrets"));
        configMaps.Set(pod.Metadata.Uid!, pod.Namespace, Names(needed, "configmaps"));
    }

    /// <summary>Null where it does not exist. At once, but for a pod that has only just come.</summary>
    /// <exception cref="ObjectNotSyncedException">The server has not answered yet.</exception>
    /// <exception cref="ApiException">No pod of this node refers to it, and the server refuses it.</exception>
    public Task<Secret?> Secret(string ns, string name, CancellationToken cancel) => secrets.Get(ns, name, cancel);

    /// <inheritdoc cref="Secret"/>
    public Task<ConfigMap?> ConfigMap(string ns, string name, CancellationToken cancel) => configMaps.Get(ns, name, cancel);

    private static HashSet<string> Names(IReadOnlyCollection<(string Resource, string Name)> references, string resource) =>
        [.. references.Where(reference => reference.Resource == resource).Select(reference => reference.Name)];

    private void Tell(IReadOnlyCollection<string> pods)
    {
        foreach (var uid in pods) Changed?.Invoke(uid);
    }
}
