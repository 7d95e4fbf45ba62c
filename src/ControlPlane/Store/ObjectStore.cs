using System.Collections.Concurrent;
using System.Text.Json;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Store;

/// <summary>
/// Every object of the cluster, in memory, under one rising revision. Reads take a <see cref="Snapshot"/>. Writes are
/// compare-and-swap on the revision of the one object, and done only when they are durable; one thread makes them, and
/// all that wait at the same time share one transaction (group commit), so that a burst costs few disk flushes.
/// The calls are those that etcd offers too (create, update, delete by mod revision; range; watch from a revision).
/// </summary>
internal sealed class ObjectStore : IDisposable
{
    /// <summary>How many writes share one transaction at most: bounds how long the first of them waits.</summary>
    private const int LargestBatch = 256;

    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    private readonly StoreFiles files;
    private readonly SqliteStore disk;
    private readonly IReadOnlySet<string> numerous;
    private readonly BlockingCollection<Write> queue = new(new ConcurrentQueue<Write>());
    private readonly Thread writer;
    private volatile StoreSnapshot snapshot;

    private ObjectStore(StoreFiles files, SqliteStore disk, IReadOnlySet<string> numerous, StoreSnapshot snapshot)
    {
        (this.files, this.disk, this.numerous, this.snapshot) = (files, disk, numerous, snapshot);
        Log = new WatchLog(snapshot.Revision, Retention);
        writer = new Thread(WriteUntilClosed) { Name = "store-writer", IsBackground = true };
        writer.Start();
    }

    /// <summary>All objects as of the last write that was acknowledged, or is about to be.</summary>
    public StoreSnapshot Snapshot => snapshot;

    /// <summary>What changed. A watch from the revision of a snapshot misses nothing and repeats nothing.</summary>
    public WatchLog Log { get; }

    /// <param name="types">The record of each resource, by its qualified name.</param>
    /// <param name="numerous">Resources of which there are so many that only their JSON is kept in memory.</param>
    /// <exception cref="StoreDamagedException">The file cannot be used; it was not changed.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static ObjectStore Open(StoreFiles files, IReadOnlyDictionary<string, Type> types, IReadOnlySet<string>? numerous = null)
    {
        var (disk, revision, rows) = SqliteStore.Open(files);
        try
        {
            numerous ??= new HashSet<string>();
            var snapshot = StoreSnapshot.Of(revision, [.. rows.Select(row => Stored(files, row, types, numerous))]);
            return new ObjectStore(files, disk, numerous, snapshot);
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <exception cref="StoreException">The key is taken, or the write failed.</exception>
    public Task<StoredObject> Create(StoreKey key, KubeObject obj) => Enqueue(new Write(key, obj, null));

    /// <exception cref="StoreException">Another revision or none is stored, or the write failed.</exception>
    public Task<StoredObject> Update(StoreKey key, long expectedRevision, KubeObject obj) => Enqueue(new Write(key, obj, expectedRevision));

    /// <returns>The last state, with the revision of the deletion.</returns>
    /// <exception cref="StoreException">Another revision or none is stored, or the write failed.</exception>
    public Task<StoredObject> Delete(StoreKey key, long expectedRevision) => Enqueue(new Write(key, null, expectedRevision));

    /// <summary>Finishes the writes that were accepted, then closes the file.</summary>
    public void Dispose()
    {
        if (queue.IsAddingCompleted) return;
        queue.CompleteAdding();
        writer.Join();
        Log.Close();
        disk.Dispose();
    }

    /// <summary>A create has no expected revision, a delete has no object.</summary>
    private sealed record Write(StoreKey Key, KubeObject? Object, long? Expected)
    {
        public TaskCompletionSource<StoredObject> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private Task<StoredObject> Enqueue(Write write)
    {
        try
        {
            queue.Add(write);
            return write.Done.Task;
        }
        catch (InvalidOperationException) // completed for adding
        {
            throw new StoreException(StoreFault.Unavailable, "the store is shutting down");
        }
    }

    private void WriteUntilClosed()
    {
        var batch = new List<Write>();
        foreach (var first in queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < LargestBatch && queue.TryTake(out var next)) batch.Add(next);
            WriteBatch(batch);
            batch.Clear();
        }
    }

    /// <summary>Applies the writes in order to a copy, commits those that succeed, and only then shows and acknowledges them.</summary>
    private void WriteBatch(List<Write> batch)
    {
        var state = snapshot;
        var changes = new List<StoreEvent>(batch.Count);
        var results = new Action[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            var write = batch[i];
            try
            {
                var change = Apply(state, write);
                state = change.Type == StoreEventType.Deleted ? state.Without(write.Key, change.Current.Revision) : state.With(change.Current);
                changes.Add(change);
                results[i] = () => write.Done.SetResult(change.Current);
            }
            catch (Exception e)
            {
                results[i] = () => write.Done.SetException(e);
            }
        }
        if (changes.Count > 0 && !Commit(batch, changes)) return;
        snapshot = state;
        foreach (var change in changes) Log.Append(change);
        foreach (var result in results) result();
        foreach (var change in changes)
            if (numerous.Contains(change.Current.Key.Resource)) change.Current.Release();
    }

    /// <summary>After a failure memory stays as it was, as the transaction was rolled back, and every write of the batch fails.</summary>
    private bool Commit(List<Write> batch, List<StoreEvent> changes)
    {
        try
        {
            disk.Commit(changes);
            return true;
        }
        catch (Exception e)
        {
            foreach (var write in batch) write.Done.SetException(new StoreException(StoreFault.Unavailable, Reason(e), e));
            return false;
        }
    }

    private string Reason(Exception e) => e is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL }
        ? $"the disk of the store ({files.Directory}) is full: nothing was changed. Free some space there; writes go on by themselves, and reads and watches work meanwhile"
        : $"the write could not be made durable, nothing was changed: {e.Message}";

    private static StoreEvent Apply(StoreSnapshot state, Write write)
    {
        var current = state.Get(write.Key);
        var revision = state.Revision + 1;
        if (write.Expected is null)
        {
            if (current is not null) throw new StoreException(StoreFault.Exists, $"{write.Key} exists");
            return new StoreEvent(StoreEventType.Added, Stamp(write.Key, write.Object!, revision), null);
        }
        if (current is null) throw new StoreException(StoreFault.NotFound, $"{write.Key} does not exist");
        if (current.Revision != write.Expected) throw new StoreException(StoreFault.Conflict, $"{write.Key} has revision {current.Revision}, not {write.Expected}");
        return write.Object is null
            ? new StoreEvent(StoreEventType.Deleted, Stamp(write.Key, current.Object, revision), current)
            : new StoreEvent(StoreEventType.Modified, Stamp(write.Key, write.Object, revision), current);
    }

    /// <summary>The one place where an object is turned into JSON; readers and watchers share the bytes.</summary>
    private static StoredObject Stamp(StoreKey key, KubeObject obj, long revision)
    {
        var resource = Resource.Of(obj.GetType());
        var stamped = obj with
        {
            Kind = resource.Kind, ApiVersion = resource.ApiVersion,
            Metadata = obj.Metadata with { ResourceVersion = revision.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        };
        return new StoredObject(key, stamped, KubeJson.Serialize(stamped), revision);
    }

    private static StoredObject Stored(StoreFiles files, StoredRow row, IReadOnlyDictionary<string, Type> types, IReadOnlySet<string> numerous)
    {
        if (!types.TryGetValue(row.Key.Resource, out var type))
            throw new StoreDamagedException($"{files.Database} holds {row.Key.Resource} \"{row.Key.Name}\", a kind that this program does not know; it was left as it is");
        try
        {
            var stored = new StoredObject(row.Key, type, row.Json, row.Revision);
            if (!numerous.Contains(row.Key.Resource)) stored.Keep();
            return stored;
        }
        catch (JsonException e)
        {
            throw new StoreDamagedException($"{files.Database} is damaged: {row.Key.Resource} \"{row.Key.Namespace}/{row.Key.Name}\" is not readable: {e.Message}; it was left as it is. {files.HowToRestore}", e);
        }
    }
}
