using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Store;

public sealed class ObjectStoreTests : IDisposable
{
    private static readonly Dictionary<string, Type> Types = new() { ["configmaps"] = typeof(ConfigMap), ["pods"] = typeof(Pod) };

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Every_write_takes_the_next_revision_and_is_stamped_with_it()
    {
        using var store = Open();
        var a = await store.Create(Key("a"), Map("a", "1"));
        var b = await store.Create(Key("b"), Map("b", "1"));
        var changed = await store.Update(Key("a"), a.Revision, Map("a", "2"));
        var deleted = await store.Delete(Key("b"), b.Revision);

        Assert.Equal([1, 2, 3, 4], new[] { a.Revision, b.Revision, changed.Revision, deleted.Revision });
        Assert.Equal("3", changed.Object.Metadata.ResourceVersion);
        Assert.Equal("4", deleted.Object.Metadata.ResourceVersion);
        Assert.Equal("3", KubeJson.Deserialize<ConfigMap>(changed.Json.Span).Metadata.ResourceVersion);
        Assert.Equal(4, store.Snapshot.Revision);
        Assert.Null(store.Snapshot.Get(Key("b")));
    }

    [Fact]
    public async Task A_write_on_another_revision_than_the_stored_one_is_refused_and_changes_nothing()
    {
        using var store = Open();
        var a = await store.Create(Key("a"), Map("a", "1"));
        await store.Update(Key("a"), a.Revision, Map("a", "2"));

        Assert.Equal(StoreFault.Conflict, await Fault(store.Update(Key("a"), a.Revision, Map("a", "3"))));
        Assert.Equal(StoreFault.Conflict, await Fault(store.Delete(Key("a"), a.Revision)));
        Assert.Equal(StoreFault.Exists, await Fault(store.Create(Key("a"), Map("a", "3"))));
        Assert.Equal(StoreFault.NotFound, await Fault(store.Update(Key("x"), 1, Map("x", "1"))));
        Assert.Equal(StoreFault.NotFound, await Fault(store.Delete(Key("x"), 1)));
        Assert.Equal(2, store.Snapshot.Revision);
        Assert.Equal("2", ((ConfigMap)store.Snapshot.Get(Key("a"))!.Object).Data!["value"]);
    }

    [Fact]
    public async Task Of_many_writers_with_the_same_revision_exactly_one_wins()
    {
        using var store = Open();
        var a = await store.Create(Key("a"), Map("a", "0"));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            try { await store.Update(Key("a"), a.Revision, Map("a", $"{i}")); return true; }
            catch (StoreException e) when (e.Fault == StoreFault.Conflict) { return false; }
        })));
        Assert.Single(outcomes, won => won);
    }

    [Fact]
    public async Task A_list_is_ordered_and_stays_as_it_was_when_it_was_taken()
    {
        using var store = Open();
        foreach (var (ns, name) in new[] { ("b", "x"), ("a", "z"), ("a", "B"), ("a", "y") })
            await store.Create(new StoreKey("configmaps", ns, name), new ConfigMap { Metadata = new ObjectMeta { Name = name, Namespace = ns } });
        var snapshot = store.Snapshot;
        await store.Create(Key("later"), Map("later", "1"));

        Assert.Equal(["a/B", "a/y", "a/z", "b/x"], snapshot.List("configmaps").Select(item => item.Object.Key));
        Assert.Equal(["a/B", "a/y", "a/z"], snapshot.List("configmaps", "a").Select(item => item.Object.Key));
        Assert.Empty(snapshot.List("configmaps", "c"));
        Assert.Empty(snapshot.List("pods"));
    }

    [Fact]
    public async Task After_a_restart_everything_is_there_and_revisions_go_on_rising()
    {
        long last;
        using (var store = Open())
        {
            var a = await store.Create(Key("a"), Map("a", "1"));
            await store.Update(Key("a"), a.Revision, Map("a", "2"));
            var b = await store.Create(Key("b"), Map("b", "1"));
            last = (await store.Delete(Key("b"), b.Revision)).Revision;
        }
        using var reopened = Open();
        Assert.Equal(last, reopened.Snapshot.Revision);
        Assert.Equal("2", ((ConfigMap)reopened.Snapshot.Get(Key("a"))!.Object).Data!["value"]);
        Assert.Null(reopened.Snapshot.Get(Key("b")));
        Assert.Equal(last + 1, (await reopened.Create(Key("c"), Map("c", "1"))).Revision);
        Assert.Throws<RevisionTooOldException>(() => reopened.Log.Watch(last - 1, _ => true));
    }

    [Fact]
    public void The_database_is_readable_by_its_owner_only()
    {
        using var store = Open();
        foreach (var file in Directory.GetFiles(directory.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_second_process_is_refused()
    {
        using var store = Open();
        await store.Create(Key("a"), Map("a", "1"));
        var refused = Assert.Throws<StoreDamagedException>(() => Open());
        Assert.Contains("in use by another process", refused.Message);
        await store.Create(Key("b"), Map("b", "1"));
    }

    private ObjectStore Open() => ObjectStore.Open(new StoreFiles(directory.Path), Types);

    private static StoreKey Key(string name) => new("configmaps", "default", name);

    private static ConfigMap Map(string name, string value) =>
        new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["value"] = value } };

    private static async Task<StoreFault> Fault(Task write) => (await Assert.ThrowsAsync<StoreException>(() => write)).Fault;
}
