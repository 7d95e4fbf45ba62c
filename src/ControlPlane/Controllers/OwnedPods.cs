using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// The pods of one kind of owner: finds, takes over and lets go, makes and deletes them, tells of it in events, and
/// remembers what the cache does not show yet.
/// </summary>
/// <param name="component">The controller's name in events.</param>
/// <param name="finalizer">Put on every pod that is taken over and taken off one that is let go; null for none.</param>
internal sealed class OwnedPods<T>(string component, ApiClient client, SharedInformers informers, EventRecorder events, string? finalizer = null) where T : KubeObject
{
    private readonly CacheExpectations expectations = new();

    /// <summary>The cache does not show all own writes yet: decide later.</summary>
    public bool IsBehind(string key) => expectations.IsBehind(key, informers.Pods.Revision);

    public void Forget(string key) => expectations.Forget(key);

    /// <summary>A write to one of the pods came back with this resourceVersion.</summary>
    public void Wrote(string key, string? resourceVersion) => expectations.Wrote(key, resourceVersion);

    /// <summary>The owner's pods, after taking over and letting go. Those whose deletion was accepted are marked, also where the cache does not tell yet.</summary>
    /// <param name="sort">Which of the candidates are whose.</param>
    public async Task<IReadOnlyList<Pod>> Claim(string key, T owner, Func<IEnumerable<Pod>, PodClaim> sort, CancellationToken cancel)
    {
        var candidates = informers.PodsByController[owner.Metadata.Uid ?? ""].Concat(informers.OrphanPods[owner.Namespace]).ToList();
        var undeleted = expectations.WithoutDeleted(key, candidates).ToHashSet(ReferenceEqualityComparer.Instance);
        var claim = sort(candidates.Select(pod => undeleted.Contains(pod) || pod.Metadata.DeletionTimestamp is not null ? pod : Marked(pod)));
        var pods = claim.Owned.ToList();
        if (claim.Adopt.Count > 0 && await IsStillThere(owner, cancel))
            foreach (var pod in claim.Adopt)
                pods.Add(await PatchOwners(key, pod, [.. pod.Metadata.OwnerReferences ?? [], Ownership.ReferenceTo(owner)], adopted: true, cancel));
        foreach (var pod in claim.Release)
            await PatchOwners(key, pod, pod.Metadata.OwnerReferences!.Where(reference => reference.Uid != owner.Metadata.Uid).ToList(), adopted: false, cancel);
        return pods;
    }

    private static Pod Marked(Pod pod) => pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTime.UtcNow, DeletionGracePeriodSeconds = 1 } };

    /// <summary>Asks the server, not the cache: a deleted owner must not adopt what its deletion has just set free.</summary>
    private async Task<bool> IsStillThere(T owner, CancellationToken cancel) =>
        await client.Find<T>(owner.Namespace, owner.Name, cancel) is { } live && live.Metadata.Uid == owner.Metadata.Uid && live.Metadata.DeletionTimestamp is null;

    private async Task<Pod> PatchOwners(string key, Pod pod, IReadOnlyList<OwnerReference> owners, bool adopted, CancellationToken cancel)
    {
        var finalizers = (pod.Metadata.Finalizers ?? []).Where(other => other != finalizer).ToList();
        if (adopted && finalizer is not null) finalizers.Add(finalizer);
        var patch = new { metadata = new { uid = pod.Metadata.Uid, resourceVersion = pod.Metadata.ResourceVersion, ownerReferences = owners, finalizers } };
        var patched = await client.MergePatch<Pod>(pod.Namespace, pod.Name, patch, cancel);
        expectations.Wrote(key, patched.Metadata.ResourceVersion);
        return patched;
    }

    /// <summary>Makes and deletes pods. Answers why that did not work: reason and message; null if it did.</summary>
    public async Task<(string Reason, string Message)?> Apply(string key, T owner, IReadOnlyList<Pod> create, IReadOnlyList<Pod> delete, CancellationToken cancel)
    {
        try
        {
            // 1, 2, 4, ...: where nothing can be made (a quota, a bad template), one failure is enough.
            for (int done = 0, batch = 1; done < create.Count; done += batch, batch = Math.Min(batch * 2, create.Count - done))
                await Task.WhenAll(create.Skip(done).Take(batch).Select(pod => Create(key, owner, pod, cancel)));
        }
        catch (ApiException e) when (!e.IsNamespaceTerminating)
        {
            events.Warning(component, owner, "FailedCreate", $"Error creating: {e.Message}");
            return ("FailedCreate", e.Message);
        }
        catch (ApiException) { return null; } // soon the owner goes too: not a failure
        try { await Task.WhenAll(delete.Select(pod => Delete(key, owner, pod, cancel))); }
        catch (ApiException e)
        {
            events.Warning(component, owner, "FailedDelete", $"Error deleting: {e.Message}");
            return ("FailedDelete", e.Message);
        }
        return null;
    }

    private async Task Create(string key, T owner, Pod template, CancellationToken cancel)
    {
        var pod = await client.Create(template, cancel);
        expectations.Wrote(key, pod.Metadata.ResourceVersion);
        events.Normal(component, owner, "SuccessfulCreate", $"Created pod: {pod.Name}");
    }

    private async Task Delete(string key, T owner, Pod pod, CancellationToken cancel)
    {
        await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } });
        expectations.Deleted(key, pod.Metadata.Uid ?? "");
        events.Normal(component, owner, "SuccessfulDelete", $"Deleted pod: {pod.Name}");
    }
}
