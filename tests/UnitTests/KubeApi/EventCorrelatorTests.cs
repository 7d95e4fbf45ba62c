using KubeApi;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.KubeApi;

public class EventCorrelatorTests
{
    private static readonly DateTime Start = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly EventCorrelator correlator = new();

    private Event? Record(string message, int seconds = 0, string name = "pod", string reason = "Killing", string revision = "1")
    {
        var about = new ObjectReference { Kind = "Pod", Name = name, Namespace = "default", Uid = "uid-" + name, ResourceVersion = revision };
        var now = Start.AddSeconds(seconds);
        if (correlator.Correlate(EventRecorder.Describe("kubelet", "node1", about, "Normal", reason, message, now), now) is not var (identity, item)) return null;
        correlator.Wrote(identity, item);
        return item;
    }

    [Fact]
    public void The_same_event_again_raises_the_count_of_the_first()
    {
        var first = Record("a")!;
        var second = Record("a", 5, revision: "7")!;
        Assert.Equal((1, 2), (first.Count, second.Count));
        Assert.Equal((first.Name, first.FirstTimestamp, Start.AddSeconds(5)), (second.Name, second.FirstTimestamp, second.LastTimestamp!.Value));
        Assert.Equal(1, Record("b")!.Count);
        Assert.Equal(1, Record("a", name: "other")!.Count);
    }

    [Fact]
    public void From_the_tenth_message_about_the_same_on_they_are_told_as_one()
    {
        for (var i = 1; i < 10; i++) Assert.Equal($"m{i}", Record($"m{i}")!.Message);
        var combined = Record("m10")!;
        Assert.Equal(("(combined from similar events): m10", 1), (combined.Message, combined.Count));
        var next = Record("m11", 3)!;
        Assert.Equal(("(combined from similar events): m11", 2, combined.Name), (next.Message, next.Count, next.Name));
        Assert.Equal("x", Record("x", reason: "Started")!.Message);
    }

    [Fact]
    public void After_ten_quiet_minutes_messages_stand_for_themselves_again()
    {
        for (var i = 0; i < 12; i++) Record($"m{i}");
        Assert.Equal("m12", Record("m12", 601)!.Message);
    }

    [Fact]
    public void A_source_may_say_25_things_about_one_object_and_then_one_every_five_minutes()
    {
        for (var i = 0; i < 25; i++) Assert.NotNull(Record("same", i));
        Assert.Null(Record("same", 30));
        Assert.Null(Record("something else", 30, reason: "Started"));
        Assert.NotNull(Record("same", 30, name: "other"));
        Assert.NotNull(Record("same", 330));
        Assert.Null(Record("same", 340));
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_the_oldest_goes()
    {
        var used = new RecentlyUsed<int, int>(3);
        for (var i = 0; i < 5; i++)
        {
            used.Set(i, i);
            used.TryGet(0, out _);
        }
        Assert.Equal(3, used.Count);
        Assert.True(used.TryGet(0, out _));
        Assert.False(used.TryGet(2, out _));
        Assert.True(used.TryGet(4, out var last));
        Assert.Equal(4, last);
    }
}
