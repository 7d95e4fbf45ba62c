using ControlPlane.ApiServer;
using ControlPlane.Store;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.ApiServer;

public sealed class EventExpiryTests
{
    [Fact]
    public async Task Events_are_forgotten_an_hour_after_they_last_happened()
    {
        using var directory = new TemporaryDirectory();
        using var store = ObjectStore.Open(new StoreFiles(directory.Path), new Dictionary<string, Type> { ["events"] = typeof(Event) });
        var now = DateTime.UtcNow;
        await Add(store, "old", now.AddHours(-2), null);
        await Add(store, "recurring", now.AddHours(-2), now.AddMinutes(-59));
        await Add(store, "new", now.AddMinutes(-1), null);
        await new EventExpiry(store).Expire(now);
        Assert.Equal(["new", "recurring"], store.Snapshot.List("events").Select(item => item.Object.Name));
    }

    private static Task Add(ObjectStore store, string name, DateTime created, DateTime? last) => store.Create(new StoreKey("events", "default", name),
        new Event { Metadata = new ObjectMeta { Name = name, Namespace = "default", CreationTimestamp = created }, LastTimestamp = last });
}
