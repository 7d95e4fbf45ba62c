using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Volumes;

/// <summary>An object is not known and cannot be asked for now; the message is the kubelet's.</summary>
internal sealed class ObjectNotSyncedException(string message) : IOException(message);

/// <summary>
/// Objects of one kind that pods of this node refer to, a watch for each, as the Node authorizer allows: one for any
/// number of pods, from the first pod that needs it to the last. Not for what it has no pod for.
/// </summary>
/// <param name="changed">Told the uids of the pods whose object has changed, appeared or gone; must be quick.</param>
internal sealed class ObjectWatches<T>(ApiClient client, Func<T, bool> isImmutable, Action<IReadOnlyCollection<string>> changed) where T : KubeObject
{
    /// <summary>How long a caller waits for a server that does not answer.</summary>
    private static readonly TimeSpan SyncWait = TimeSpan.FromSeconds(5);

    private static readonly string Noun = typeof(T).Name.ToLowerInvariant();

    private readonly Lock state = new();
    private readonly Dictionary<(string Namespace, string Name), Watch> watches = [];

    private sealed class Watch(Informer<T> informer)
    {
        public Informer<T> Informer => informer;
        public HashSet<string> Pods { get; } = [];
        public CancellationTokenSource? Running { get; set; }

        /// <summary>What keeps it from watching; null when nothing does.</summary>
        public volatile string? Trouble;
    }

    /// <summary>Objects under watch.</summary>
    public int Count
    {
        get { lock (state) return watches.Count; }
    }

    /// <summary>Sets what a pod refers to; nothing, when it is over or gone.</summary>
    public void Set(string uid, string ns, IReadOnlyCollection<string> names)
    {
        lock (state)
        {
            foreach (var name in names)
            {
                if (!watches.TryGetValue((ns, name), out var watch)) watch = watches[(ns, name)] = Create(ns, name);
                // A new pod looks anew at an object that is immutable and so not watched any more: it may have been replaced.
                if (watch.Pods.Add(uid) && watch.Running is null) Start(watch);
            }
            foreach (var (key, watch) in watches.Where(entry => entry.Value.Pods.Contains(uid) && !(entry.Key.Namespace == ns && names.Contains(entry.Key.Name))).ToList())
            {
                watch.Pods.Remove(uid);
                if (watch.Pods.Count > 0) continue;
                Stop(watch);
                watches.Remove(key);
            }
        }
    }

    /// <summary>The object as last seen, also while the server is away; null where it does not exist.</summary>
    /// <exception cref="ObjectNotSyncedException">The server has not answered yet.</exception>
    /// <exception cref="ApiException">Of an object that no pod refers to: the server refuses it.</exception>
    public async Task<T?> Get(string ns, string name, CancellationToken cancel)
    {
        Watch? watch;
        lock (state) watch = watches.GetValueOrDefault((ns, name));
        if (watch is null) return await client.Find<T>(ns, name, cancel);
        try { await watch.Informer.Synced.WaitAsync(SyncWait, cancel); }
        catch (TimeoutException)
        {
            throw new ObjectNotSyncedException($"failed to sync {Noun} cache: timed out waiting for the condition{(watch.Trouble is { } trouble ? $" ({trouble})" : "")}");
        }
        return watch.Informer.Get($"{ns}/{name}");
    }

    private Watch Create(string ns, string name)
    {
        Watch watch = null!;
        // The pods' own watch reports a server that is away; here that is kept for whoever waits for this object.
        var informer = new Informer<T>(client, message => watch.Trouble = message.EndsWith(": goes on", StringComparison.Ordinal) ? null : message,
            new ListOptions(ns, FieldSelector: $"metadata.name={name}"), Bare);
        watch = new Watch(informer);
        informer.Changed += (_, after) => OnChange(watch, after);
        return watch;
    }

    /// <summary>Annotations may hold all of it a second time (last-applied-configuration).</summary>
    private static T Bare(T item) => item with
    {
        Metadata = new ObjectMeta { Name = item.Name, Namespace = item.Namespace, Uid = item.Metadata.Uid, ResourceVersion = item.Metadata.ResourceVersion },
    };

    private void OnChange(Watch watch, T? after)
    {
        IReadOnlyCollection<string> pods;
        lock (state)
        {
            pods = [.. watch.Pods];
            if (after is not null && isImmutable(after)) Stop(watch);
        }
        changed(pods);
    }

    private static void Start(Watch watch)
    {
        var running = watch.Running = new CancellationTokenSource();
        _ = Task.Run(() => watch.Informer.Run(running.Token), CancellationToken.None);
    }

    private static void Stop(Watch watch)
    {
        watch.Running?.Cancel();
        watch.Running = null;
    }
}
