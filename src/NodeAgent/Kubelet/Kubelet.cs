using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>
/// The pods of this node: one worker each, woken by the API, by containers that end and, for what no one reports,
/// from time to time. Adopts at start what an earlier run of the agent left running.
/// </summary>
internal sealed class Kubelet(PodWorkerParts parts, PodAdoption adoption, Informer<Pod> pods)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>An API server that is there has answered by then.</summary>
    private static readonly TimeSpan ApiWait = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, PodWorker> workers = new();
    private readonly ConcurrentDictionary<Task, byte> running = new();
    private readonly Lock state = new();
    private readonly TaskCompletionSource hasAdopted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Pods that run by what was known of them, until the API answers.</summary>
    private readonly HashSet<string> assumed = [];
    private Dictionary<string, PodRecord> adopted = [];
    private CancellationToken stopping;

    /// <summary>Done when what an earlier run left is known: from then on <see cref="Put"/> may be called.</summary>
    public Task Adopted => hasAdopted.Task;

    /// <summary>Done when all pods that the node makes by itself have been <see cref="Put"/>; nothing of theirs is an orphan then.</summary>
    public Task OwnPods { get; init; } = Task.CompletedTask;

    /// <summary>Uid of a pod of which nothing is left. Listeners must be quick.</summary>
    public event Action<string>? Ended;

    /// <summary>What the node has made for each of its pods.</summary>
    public IEnumerable<PodRecord> Records => workers.Values.Select(worker => worker.Record);

    /// <summary>Pods with a worker.</summary>
    public int Count => workers.Count;

    /// <summary>What runs here of the pod of that name; null if nothing does.</summary>
    /// <param name="uid">Null: of the one that was made last. Of a static pod the API knows another uid, its mirror's.</param>
    public PodRecord? Find(string ns, string name, string? uid = null) => workers.Values.Select(worker => worker.Record)
        .Where(record => record.Namespace == ns && record.Name == name && (uid is null || record.Uid == uid || StaticPods.StaticPodManifest.IsStatic(record.Uid))).MaxBy(record => record.StartTime);

    /// <summary>The pods that have this address here.</summary>
    public IEnumerable<PodRecord> At(string address) => workers.Values.Select(worker => worker.Record).Where(record => record.Sandbox is { Removed: false } sandbox && sandbox.Address == address);

    /// <summary>Runs until cancelled; pods go on running then. The informer runs already or soon; what it says before this is called is not lost.</summary>
    public async Task Run(CancellationToken cancel)
    {
        stopping = cancel;
        adopted = await Adopt();
        hasAdopted.SetResult();
        using var exits = WatchExits();
        parts.Volumes.Mounted += uid =>
        {
            if (workers.TryGetValue(uid, out var worker)) worker.VolumesMounted();
        };
        var looking = LookFromTimeToTime(cancel);
        try { await Begin(cancel); }
        catch (OperationCanceledException) { }
        await looking;
        await Task.WhenAll(running.Keys);
    }

    private async Task LookFromTimeToTime(CancellationToken cancel)
    {
        try
        {
            using var timer = new PeriodicTimer(Look);
            while (await timer.WaitForNextTickAsync(cancel)) WakeAll();
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>Goes on with what the API says; where that is silent, with what it said last.</summary>
    private async Task Begin(CancellationToken cancel)
    {
        await Task.WhenAny(pods.Synced, Task.Delay(ApiWait, cancel));
        cancel.ThrowIfCancellationRequested();
        lock (state)
        {
            pods.Changed += (before, after) => OnChange(before, after, cancel);
            foreach (var pod in pods.Items) OnChange(null, pod, cancel);
            if (!pods.Synced.IsCompleted) StartKnown(cancel);
        }
        await EndForgotten(cancel);
    }

    private void StartKnown(CancellationToken cancel)
    {
        foreach (var record in adopted.Values.Where(record => record.Name.Length > 0 && !workers.ContainsKey(record.Uid)).ToList())
        {
            if (KnownPod.Read(parts.Paths, record.Uid) is not { } pod) continue;
            parts.Log($"pod {record.Namespace}/{record.Name} goes on as it was last known: the API server does not answer");
            StartWorker(pod, RecordFor(pod), cancel);
            assumed.Add(record.Uid);
        }
    }

    /// <summary>What the API does not know any more was deleted while no agent ran.</summary>
    private async Task EndForgotten(CancellationToken cancel)
    {
        await Task.WhenAll(OwnPods, pods.Synced).WaitAsync(cancel);
        lock (state)
        {
            var known = pods.Items.Select(pod => pod.Metadata.Uid).ToHashSet();
            foreach (var worker in workers.Values.Where(worker => assumed.Contains(worker.Uid) && !known.Contains(worker.Uid))) worker.PodChanged(null);
            assumed.Clear();
            foreach (var record in adopted.Values.Where(record => !workers.ContainsKey(record.Uid)).ToList()) StartWorker(null, record, cancel);
        }
    }

    private async Task<Dictionary<string, PodRecord>> Adopt()
    {
        parts.Runtime.KillAbandonedStreams();
        var records = new Dictionary<string, PodRecord>();
        foreach (var uid in adoption.Uids())
        {
            // Nothing of it runs (its machine was rebooted): no name is known, but its directories must go if its pod is gone.
            var record = await adoption.Adopt(uid) ?? new PodRecord { Namespace = "", Name = "", Uid = uid };
            records[uid] = record;
            if (record.Containers.Count > 0) parts.Log($"adopted pod {record.Namespace}/{record.Name} with {record.Containers.Count(container => container.IsRunning)} container(s)");
        }
        // Probes that nobody waits for any more are ended; preStop hooks go on, and the pods' workers wait for them.
        parts.Runtime.KillAbandonedExecs(records.Values.SelectMany(record => record.Containers)
            .Where(container => container is { IsRunning: true, Stop.PreStop: HookState.Running }).Select(container => container.Id).ToHashSet());
        return records;
    }

    /// <summary>A pod that this node makes by itself came or changed; it ends by its deletionTimestamp.</summary>
    public void Put(Pod pod) => OnChange(null, pod, stopping);

    /// <summary>Something that the pod's status depends on has changed.</summary>
    public void Wake(string uid)
    {
        if (workers.TryGetValue(uid, out var worker)) worker.Wake();
    }

    private void OnChange(Pod? before, Pod? after, CancellationToken cancel)
    {
        if (StaticPods.MirrorPod.Is((after ?? before)!)) return; // it only stands for one that is here already
        var uid = (after ?? before)!.Metadata.Uid!;
        lock (state)
        {
            if (workers.TryGetValue(uid, out var worker)) worker.PodChanged(after);
            else if (after is not null) StartWorker(after, RecordFor(after), cancel);
        }
    }

    private PodRecord RecordFor(Pod pod) =>
        adopted.Remove(pod.Metadata.Uid!, out var known) && known.Name.Length > 0 ? known : Admitted(pod, LostContainers.Record(pod, DateTime.UtcNow));

    /// <summary>A pod that this node does not take fails before anything of it is made.</summary>
    private PodRecord Admitted(Pod pod, PodRecord record)
    {
        if (record.Containers.Count > 0 || (parts.Admission?.Refusal(pod) ?? Pressed(pod) ?? Misfit(pod)) is not { } refusal) return record;
        parts.Events.Record(pod, null, "Warning", refusal.Reason, refusal.Message["Pod was rejected: ".Length..]);
        return record with { Failure = refusal };
    }

    private PodFailure? Pressed(Pod pod) => pod.Status?.Phase is "Running" or "Succeeded" or "Failed" ? null : Admit(pod);

    /// <summary>Only of a pod that has not begun: room is not taken away from one that has.</summary>
    private PodFailure? Misfit(Pod pod)
    {
        if (pod.Status?.StartTime is not null || pod.Metadata.DeletionTimestamp is not null || parts.Node?.Invoke() is not { } node) return null;
        return NodeFit.Problem(pod, node, [.. pods.Items.Where(other => other.Metadata.Uid != pod.Metadata.Uid && other.Status?.Phase is not ("Succeeded" or "Failed")
            && (StaticPods.MirrorPod.Is(other) || workers.TryGetValue(other.Metadata.Uid!, out var worker) && worker.Record.Failure is null))]);
    }

    /// <summary>A Secret or ConfigMap that the pod refers to has changed: containers that wait for one need not wait longer.</summary>
    public void ReferencesChanged(string uid)
    {
        if (workers.TryGetValue(uid, out var worker)) worker.ReferencesChanged();
    }

    /// <summary>Whether a node under pressure takes a new pod; null: it does.</summary>
    public Func<Pod, PodFailure?> Admit { get; set; } = _ => null;

    /// <summary>Ends a pod because the node needs to, e.g. under pressure; its phase becomes Failed. A pod that is not here, or is over, is left alone.</summary>
    public void Evict(string uid, PodFailure failure)
    {
        if (workers.TryGetValue(uid, out var worker)) worker.Fail(failure);
    }

    private void StartWorker(Pod? pod, PodRecord record, CancellationToken cancel)
    {
        var worker = new PodWorker(parts, pod, record);
        workers[record.Uid] = worker;
        var task = Task.Run(async () =>
        {
            await worker.Run(cancel);
            lock (state) workers.TryRemove(record.Uid, out _);
            if (!cancel.IsCancellationRequested) Ended?.Invoke(record.Uid);
        }, CancellationToken.None);
        running[task] = 0;
        _ = task.ContinueWith(ended =>
        {
            running.TryRemove(ended, out _);
            if (ended.Exception is { } error) parts.Log($"pod {record.Namespace}/{record.Name}: {error.GetBaseException()}");
        }, TaskScheduler.Default);
    }

    /// <summary>conmon renames a file named by the container into place when that has ended.</summary>
    private FileSystemWatcher WatchExits()
    {
        Directory.CreateDirectory(parts.Runtime.ExitDirectory);
        var watcher = new FileSystemWatcher(parts.Runtime.ExitDirectory) { NotifyFilter = NotifyFilters.FileName, InternalBufferSize = 64 * 1024 };
        watcher.Created += (_, change) => OnExit(change.Name);
        watcher.Renamed += (_, change) => OnExit(change.Name);
        watcher.Error += (_, _) => WakeAll();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void OnExit(string? id)
    {
        foreach (var worker in workers.Values)
            if (id is not null && worker.Owns(id)) worker.Wake();
    }

    private void WakeAll()
    {
        foreach (var worker in workers.Values) worker.Wake();
    }
}
