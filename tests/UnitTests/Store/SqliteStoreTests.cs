using System.Runtime.CompilerServices;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Data.Sqlite;
using Xunit;

namespace UnitTests.Store;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    /// <summary>As on a full disk, where SQLite ends the transaction by itself: the next commit must not find one open.</summary>
    [Fact]
    public void After_a_commit_that_failed_nothing_is_changed_and_the_next_one_succeeds()
    {
        using (var store = SqliteStore.Open(new StoreFiles(directory.Path)).Store)
        {
            store.Commit([Added("a", 1)]);
            SQLitePCL.raw.sqlite3_commit_hook(Connection(store).Handle, _ => 1, null);
            Assert.Throws<SqliteException>(() => store.Commit([Added("b", 2)]));
            Assert.Throws<SqliteException>(() => store.Commit([Added("b", 2)]));
            SQLitePCL.raw.sqlite3_commit_hook(Connection(store).Handle, null, null);
            store.Commit([Added("c", 2)]);
        }

        var (reopened, revision, rows) = SqliteStore.Open(new StoreFiles(directory.Path));
        using var _ = reopened;
        Assert.Equal(2, revision);
        Assert.Equal(["a", "c"], rows.Select(row => row.Key.Name).Order());
    }

    private static SqliteConnection Connection(SqliteStore store) => ConnectionOf(File(store));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "file")]
    private static extern ref SqliteFile File(SqliteStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "connection")]
    private static extern ref SqliteConnection ConnectionOf(SqliteFile file);

    private static StoreEvent Added(string name, long revision)
    {
        var obj = new ConfigMap { Metadata = new ObjectMeta { Name = name, Namespace = "default" } };
        return new StoreEvent(StoreEventType.Added, new StoredObject(new StoreKey("configmaps", "default", name), obj, KubeJson.Serialize(obj), revision), null);
    }
}
