using KubeApi;
using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;

namespace NodeAgent.StaticPods;

/// <summary>
/// Pods that a node makes by itself, from the files of a folder: they run whether or not there is a control plane, and
/// where there is one it shows them (mirror pods). Level-driven: every look compares folder, pods and mirrors anew.
/// </summary>
internal sealed class StaticPods
{
    /// <summary>The kubelet's fileCheckFrequency: for file systems whose changes nobody tells.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(20), Retry = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a mirror that somebody deleted stays away: kubectl delete looks a tenth of a second later whether the
    /// name is gone, and waits for ever if another pod has it by then.
    /// </summary>
    private static readonly TimeSpan Absence = TimeSpan.FromSeconds(1);

    private readonly string directory;
    private readonly string node;
    private readonly StaticPodFolder folder;
    private readonly ApiClient client;
    private readonly Informer<Pod> pods;
    private readonly Informer<Node> nodes;
    private readonly Action<string> log;
    private readonly Lock state = new();
    private readonly Dictionary<string, Pod> present = [];
    private readonly Dictionary<string, DateTime> deleted = [];
    private DateTime? watched;
    private readonly SemaphoreSlim news = new(1, 1);
    private readonly TaskCompletionSource known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="tell">Type, reason and message of an event about the node.</param>
    public StaticPods(string directory, string node, ApiClient client, Informer<Pod> pods, Informer<Node> nodes, Action<string, string, string> tell, Action<string> log)
    {
        (this.directory, this.node, this.client, this.pods, this.nodes, this.log) = (directory, node, client, pods, nodes, log);
        folder = new StaticPodFolder(directory, node, (path, problem) =>
        {
            log($"static pods: {path}: {problem}");
            tell("Warning", "FailedValidation", $"Error validating pod from file {path}, ignoring: {problem}");
        });
    }

    /// <summary>Done when the kubelet has been given the pods that are there at start: what else it finds running is not wanted.</summary>
    public Task Known => known.Task;

    /// <summary>The static pod of this namespace and name (<c>NAMESPACE/NAME</c>), by which its mirror goes too; null if there is none.</summary>
    public Pod? Get(string key)
    {
        lock (state) return present.Values.FirstOrDefault(pod => pod.Key == key);
    }

    /// <summary>The API's pod that takes the status of this one; null while there is none.</summary>
    public Pod? Mirror(Pod pod) => pods.Get(pod.Key) is { } mirror && MirrorPod.IsOf(mirror, pod) ? mirror : null;

    public async Task Run(Kubelet.Kubelet kubelet, CancellationToken cancel)
    {
        pods.Changed += (before, after) => OnChange(kubelet, before, after);
        nodes.Changed += (before, _) =>
        {
            if (before is null) Wake();
        };
        kubelet.Ended += uid =>
        {
            lock (state) present.Remove(uid);
            Wake();
        };
        IDisposable? watcher = null;
        try
        {
            await kubelet.Adopted.WaitAsync(cancel);
            while (!cancel.IsCancellationRequested)
            {
                watcher = Watch(watcher);
                Reconcile(kubelet);
                known.TrySetResult();
                var done = await WriteMirrors(cancel);
                await news.WaitAsync(done ? Look : Retry, cancel);
            }
        }
        catch (OperationCanceledException) { }
        finally { watcher?.Dispose(); }
    }

    /// <summary>A pod that replaces another of its name waits until that one has ended.</summary>
    private void Reconcile(Kubelet.Kubelet kubelet)
    {
        var wanted = folder.Read();
        List<Pod> changed = [];
        lock (state)
        {
            foreach (var pod in present.Values.Where(pod => pod.Metadata.DeletionTimestamp is null && wanted.All(other => other.Metadata.Uid != pod.Metadata.Uid)).ToList())
            {
                changed.Add(present[pod.Metadata.Uid!] = pod with
                {
                    Metadata = pod.Metadata with { DeletionTimestamp = DateTime.UtcNow, DeletionGracePeriodSeconds = pod.Spec!.TerminationGracePeriodSeconds },
                });
                log($"static pod {pod.Key}: its file is gone or changed; it ends");
            }
            foreach (var pod in wanted.Where(pod => present.Values.All(other => other.Key != pod.Key)))
            {
                changed.Add(present[pod.Metadata.Uid!] = pod);
                log($"static pod {pod.Key}: it starts");
            }
        }
        foreach (var pod in changed) kubelet.Put(pod);
    }

    /// <returns>False if it is to be tried again soon.</returns>
    private async Task<bool> WriteMirrors(CancellationToken cancel)
    {
        if (!pods.Synced.IsCompleted || nodes.Get(node) is not { } self) return true; // their arrival wakes
        IReadOnlyList<Pod> statics;
        lock (state) statics = [.. present.Values];
        var plan = MirrorPlan.Of(statics, pods.Items, self);
        var failed = 0;
        foreach (var mirror in plan.Delete)
            failed += await Try($"delete mirror pod {mirror.Key}", () => client.Delete<Pod>(mirror.Namespace, mirror.Name, cancel,
                new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = mirror.Metadata.Uid } }));
        foreach (var mirror in plan.Create)
            failed += IsToStayAway(mirror.Key) ? 1 : await Try($"create mirror pod {mirror.Key}", () => client.Create(mirror, cancel));
        return failed == 0;
    }

    private bool IsToStayAway(string key)
    {
        lock (state)
        {
            if (!deleted.TryGetValue(key, out var when)) return false;
            if (DateTime.UtcNow - when < Absence) return true;
            deleted.Remove(key);
            return false;
        }
    }

    /// <returns>How many failed: 0 or 1.</returns>
    private async Task<int> Try(string what, Func<Task> write)
    {
        try
        {
            await write();
            return 0;
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound) { return 0; } // done already, or changed meanwhile: the watch will tell
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or System.Text.Json.JsonException)
        {
            log($"static pods: {what}: {e.Message}");
            return 1;
        }
    }

    private void OnChange(Kubelet.Kubelet kubelet, Pod? before, Pod? after)
    {
        if (!MirrorPod.Is((after ?? before)!)) return;
        if (after is null)
            lock (state)
                if (present.Values.Any(pod => pod.Key == before!.Key)) deleted[before!.Key] = DateTime.UtcNow;
        if (after is null || after.Metadata.DeletionTimestamp is not null || before is null) Wake();
        if (after is not null && before is null && Get(after.Key) is { } pod) kubelet.Wake(pod.Metadata.Uid!);
    }

    private void Wake()
    {
        try { news.Release(); }
        catch (SemaphoreFullException) { } // it will look anyway
    }

    /// <summary>The folder may be made later, or made anew: the look from time to time finds out.</summary>
    private IDisposable? Watch(IDisposable? before)
    {
        var made = Directory.Exists(directory) ? Directory.GetCreationTimeUtc(directory) : (DateTime?)null;
        if (before is not null && watched == made) return before;
        before?.Dispose();
        watched = made;
        return made is null ? null : DirectoryChanges.Watch(directory, Wake);
    }
}
