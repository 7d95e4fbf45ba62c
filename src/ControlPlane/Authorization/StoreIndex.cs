using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>
/// Facts about stored objects of a few kinds, kept by the store's own watch, so that a question costs no scan. The
/// index takes in what changed when it is asked: whoever asks after a write was acknowledged sees that write.
/// </summary>
/// <param name="resources">Qualified names of the resources that it is about.</param>
internal abstract class StoreIndex(ObjectStore store, params IReadOnlyList<string> resources)
{
    private readonly Lock guard = new();
    private StoreWatch? watch;

    /// <summary>The store as it is now.</summary>
    protected StoreSnapshot Snapshot => store.Snapshot;

    /// <summary>Forgets everything; all objects are then reported again.</summary>
    protected abstract void Clear();

    /// <summary>The object under a key as it is now; null where it is gone. What was known of it before is no longer so.</summary>
    protected abstract void Apply(StoreKey key, KubeObject? obj);

    /// <summary>Answers a question from the index as of now; <paramref name="question"/> must be quick.</summary>
    protected T Ask<T>(Func<T> question)
    {
        lock (guard)
        {
            CatchUp();
            return question();
        }
    }

    private void CatchUp()
    {
        if (watch is not null)
        {
            while (watch.TryRead(out var change))
                Apply(change.Current.Key, change.Type == StoreEventType.Deleted ? null : change.Current.Object);
            if (!watch.Completion.IsCompleted) return;
            watch.Dispose(); // nobody asked for so long that it was cut off: from the beginning
        }
        Clear();
        var snapshot = store.Snapshot;
        watch = store.Log.Watch(snapshot.Revision, change => resources.Contains(change.Current.Key.Resource));
        foreach (var resource in resources)
            foreach (var item in snapshot.List(resource)) Apply(item.Key, item.Object);
    }
}
