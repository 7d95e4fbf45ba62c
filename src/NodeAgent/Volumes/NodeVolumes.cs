using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace NodeAgent.Volumes;

/// <summary>A pod's volumes are not all there; the message tells why, in the words of its FailedMount event.</summary>
internal sealed class VolumesNotMountedException(string message) : Exception(message);

/// <summary>
/// The volumes of this node's pods (kubelet's volume manager): made before the first container starts, rewritten when
/// what is in them changes, taken away at the end. What changes only marks a pod; one look then compares all its volumes.
/// </summary>
internal sealed class NodeVolumes
{
    /// <summary>Looks under way at once; one that waits for the API server costs nothing.</summary>
    private const int Workers = 16;

    private readonly NodePaths paths;
    private readonly VolumeSetUp setUp;
    private readonly PodTokens tokens;
    private readonly KubeletEvents events;
    private readonly Action<string> log;
    private readonly ConcurrentDictionary<string, PodVolumes> pods = new();
    private readonly WorkQueue<string> queue = new();

    public NodeVolumes(NodePaths paths, NodeObjects objects, PodTokens tokens, IReadOnlyDictionary<string, Quantity> allocatable, KubeletEvents events, Action<string> log)
    {
        (this.paths, this.tokens, this.events, this.log) = (paths, tokens, events, log);
        setUp = new VolumeSetUp(paths, new VolumeContents(objects, tokens, allocatable), allocatable);
        objects.Changed += Wake;
    }

    /// <summary>Uid of a pod all of whose volumes are there now, after one was not.</summary>
    public event Action<string>? Mounted;

    /// <summary>Until cancelled; volumes stay as they are.</summary>
    public Task Run(CancellationToken cancel) =>
        queue.Run(Look, (uid, error) => log($"volumes of pod {uid}: {error.Message}"), Workers, cancel);

    /// <summary>A listener for the pods' informer: labels and annotations may be in a volume, and what an earlier agent mounted is taken over.</summary>
    public void PodChanged(Pod? before, Pod? after)
    {
        if (after is null || IsOver(after)) return;
        var uid = after.Metadata.Uid!;
        if (pods.TryGetValue(uid, out var volumes)) volumes.Pod = after;
        else if (Directory.Exists(paths.RunVolumes(uid)) && after.Metadata.DeletionTimestamp is null) Volumes(after);
        else return;
        if (before is null || !Same(before.Metadata.Labels, after.Metadata.Labels) || !Same(before.Metadata.Annotations, after.Metadata.Annotations)) Wake(uid);
    }

    /// <summary>Done when all volumes that the pod's containers mount are there.</summary>
    /// <exception cref="VolumesNotMountedException">They are not; <see cref="Mounted"/> tells when to ask again.</exception>
    public async Task Mount(Pod pod, CancellationToken cancel)
    {
        var volumes = Volumes(pod);
        if (volumes.Missing(pod) is null) return;
        var look = volumes.NextLook;
        queue.Add(pod.Metadata.Uid!);
        await look.WaitAsync(cancel);
        if (volumes.Missing(pod) is { } problem) throw new VolumesNotMountedException(problem);
    }

    /// <summary>Takes away everything that is mounted for the pod, and its volumes' files on this node. May be repeated.</summary>
    /// <exception cref="IOException">Something cannot be taken away; it names it.</exception>
    public async Task Unmount(string uid)
    {
        if (pods.TryGetValue(uid, out var volumes))
        {
            await volumes.Turn.WaitAsync();
            try { volumes.Ended = true; }
            finally { volumes.Turn.Release(); }
            pods.TryRemove(uid, out _);
            volumes.Dispose();
        }
        tokens.Forget(uid);
        VolumeTearDown.Remove(uid, paths, log);
    }

    private PodVolumes Volumes(Pod pod)
    {
        var uid = pod.Metadata.Uid!;
        var volumes = pods.GetOrAdd(uid, _ => new PodVolumes(pod, () => Wake(uid)));
        volumes.Pod = pod;
        return volumes;
    }

    private void Wake(string uid)
    {
        if (pods.ContainsKey(uid)) queue.Add(uid);
    }

    private async Task Look(string uid, CancellationToken cancel)
    {
        if (!pods.TryGetValue(uid, out var volumes)) return;
        await volumes.Turn.WaitAsync(cancel);
        var look = volumes.BeginLook();
        try
        {
            if (volumes.Ended) return;
            var pod = volumes.Pod;
            var waited = volumes.Missing(pod) is not null;
            await SetUp(pod, volumes, cancel);
            if (waited && volumes.Missing(pod) is null) Mounted?.Invoke(uid);
        }
        finally
        {
            volumes.Turn.Release();
            look.TrySetResult();
        }
    }

    private async Task SetUp(Pod pod, PodVolumes volumes, CancellationToken cancel)
    {
        string? problem = null;
        DateTime? until = null;
        foreach (var volume in VolumeKinds.Needed(pod.Spec!).Where(VolumeKinds.IsServed))
        {
            // Only what the API has can change.
            if (volumes.IsReady(volume.Name) && !VolumeKinds.IsApiData(volume)) continue;
            try
            {
                var due = await setUp.Apply(pod, volume, cancel);
                if (due < (until ?? DateTime.MaxValue)) until = due;
                volumes.Ready(volume.Name);
            }
            catch (Exception e) when (e is VolumeException or IOException or UnauthorizedAccessException or HttpRequestException or ApiException)
            {
                // What was mounted before stays, with the files it had.
                if (setUp.IsFilled(pod, volume)) volumes.Ready(volume.Name);
                var message = $"MountVolume.SetUp failed for volume \"{volume.Name}\" : {e.Message}";
                problem ??= message;
                events.Record(pod, null, "Warning", "FailedMount", message);
            }
        }
        volumes.EndLook(problem, until);
    }

    private static bool IsOver(Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    private static bool Same(IReadOnlyDictionary<string, string>? one, IReadOnlyDictionary<string, string>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one is null || one.All(entry => other!.TryGetValue(entry.Key, out var value) && value == entry.Value));
}
