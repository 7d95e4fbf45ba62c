using ControlPlane.Store;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Store;

public sealed class WatchLogTests
{
    [Fact]
    public void A_watch_gets_every_change_after_its_revision_exactly_once()
    {
        var log = new WatchLog(10, TimeSpan.FromMinutes(10));
        for (var revision = 11; revision <= 15; revision++) log.Append(Change(revision));
        using var watch = log.Watch(12, _ => true);
        for (var revision = 16; revision <= 18; revision++) log.Append(Change(revision));
        Assert.Equal([13, 14, 15, 16, 17, 18], Read(watch));
    }

    [Fact]
    public void A_watch_from_a_revision_that_is_not_yet_logged_does_not_see_it_twice()
    {
        var log = new WatchLog(10, TimeSpan.FromMinutes(10));
        using var watch = log.Watch(12, _ => true); // the snapshot was ahead of the log
        for (var revision = 11; revision <= 14; revision++) log.Append(Change(revision));
        Assert.Equal([13, 14], Read(watch));
    }

    [Fact]
    public void What_is_forgotten_is_refused()
    {
        var log = new WatchLog(10, TimeSpan.FromMinutes(10), fewest: 2, most: 5);
        for (var revision = 11; revision <= 20; revision++) log.Append(Change(revision));
        var refused = Assert.Throws<RevisionTooOldException>(() => log.Watch(14, _ => true));
        Assert.Equal("too old resource version: 14 (15)", refused.Message);
        using var watch = log.Watch(15, _ => true);
        Assert.Equal([16, 17, 18, 19, 20], Read(watch));
    }

    [Fact]
    public void Old_changes_are_kept_as_long_as_there_are_few()
    {
        var log = new WatchLog(0, TimeSpan.FromMilliseconds(-1), fewest: 3, most: 100);
        for (var revision = 1; revision <= 10; revision++) log.Append(Change(revision));
        using var watch = log.Watch(7, _ => true);
        Assert.Equal([8, 9, 10], Read(watch));
        Assert.Throws<RevisionTooOldException>(() => log.Watch(6, _ => true));
    }

    [Fact]
    public async Task A_slow_watcher_is_cut_off_and_the_others_go_on()
    {
        var log = new WatchLog(0, TimeSpan.FromMinutes(10));
        using var slow = log.Watch(0, _ => true, capacity: 3);
        using var quick = log.Watch(0, _ => true);
        for (var revision = 1; revision <= 10; revision++) log.Append(Change(revision));
        Assert.Equal(1, log.Watchers);
        Assert.Equal([1, 2, 3], Read(slow));
        await Assert.ThrowsAsync<SlowWatcherException>(async () => await slow.WaitToRead());
        Assert.Equal(10, Read(quick).Count);
    }

    [Fact]
    public void A_filter_that_throws_ends_its_own_watch_only()
    {
        var log = new WatchLog(0, TimeSpan.FromMinutes(10));
        using var broken = log.Watch(0, _ => throw new InvalidOperationException("mine"));
        using var sound = log.Watch(0, change => change.Current.Revision % 2 == 0);
        for (var revision = 1; revision <= 4; revision++) log.Append(Change(revision));
        Assert.Equal([2, 4], Read(sound));
        Assert.True(broken.Completion.IsFaulted);
    }

    private static StoreEvent Change(long revision)
    {
        var key = new StoreKey("configmaps", "default", $"c{revision}");
        return new StoreEvent(StoreEventType.Added, new StoredObject(key, new ConfigMap(), default, revision), null);
    }

    private static List<long> Read(StoreWatch watch)
    {
        var revisions = new List<long>();
        while (watch.TryRead(out var change)) revisions.Add(change.Current.Revision);
        return revisions;
    }
}
