using KubeApi;
using KubeApi.Objects;
using NodeAgent.ServiceProxy;

namespace UnitTests.ServiceProxy;

public class ProgrammedProgressTests
{
    private readonly ProgrammedProgress progress = new();
    private int awaited, advanced;

    public ProgrammedProgressTests()
    {
        progress.Awaited += () => awaited++;
        progress.Advanced += () => advanced++;
    }

    private void SliceChange(long revision, bool routed = true)
    {
        var before = new EndpointSlice { Metadata = new ObjectMeta { Generation = 1 } };
        progress.Changed(before, before with { Metadata = before.Metadata with { Generation = routed ? 2 : 1 } });
        progress.SlicesAdvanced(revision);
    }

    private void List(long services, long slices)
    {
        progress.Changed(null, new Service());
        progress.ServicesAdvanced(services);
        progress.Changed(null, new EndpointSlice());
        progress.SlicesAdvanced(slices);
    }

    [Fact]
    public void Nothing_is_programmed_before_rules_were_written()
    {
        List(10, 12);
        Assert.Equal((null, false), (progress.Now, progress.IsDue(null)));
        progress.Programmed(progress.Delivered);
        Assert.Equal((new ProgrammedRevisions(10, 12), true), (progress.Now, progress.IsDue(null)));
        Assert.False(progress.IsDue(new(10, 12)));
    }

    [Fact]
    public void What_comes_while_rules_are_written_counts_the_next_time()
    {
        List(10, 12);
        var taken = progress.Delivered;
        SliceChange(15);
        progress.Programmed(taken);
        Assert.Equal(new ProgrammedRevisions(10, 12), progress.Now);
        progress.Programmed(progress.Delivered);
        Assert.Equal(new ProgrammedRevisions(10, 15), progress.Now);
        Assert.True(progress.IsDue(new(10, 12)));
    }

    [Fact]
    public void A_change_without_a_rule_moves_on_and_is_not_worth_a_report()
    {
        List(10, 12);
        progress.Programmed(progress.Delivered);
        (awaited, advanced) = (0, 0);
        SliceChange(15, routed: false);
        progress.ServicesAdvanced(20); // a bookmark
        progress.Programmed(progress.Delivered);
        Assert.Equal(new ProgrammedRevisions(20, 15), progress.Now);
        Assert.False(progress.IsDue(new(10, 12)));
        Assert.Equal((0, 0), (awaited, advanced));
    }

    [Fact]
    public void An_awaited_change_asks_for_a_look_at_the_rules_and_then_for_a_report_once()
    {
        List(10, 12);
        progress.Programmed(progress.Delivered);
        (awaited, advanced) = (0, 0);
        SliceChange(15);
        Assert.Equal((1, 0), (awaited, advanced));
        progress.Programmed(progress.Delivered);
        progress.Programmed(progress.Delivered);
        SliceChange(16, routed: false);
        progress.Programmed(progress.Delivered);
        Assert.Equal((1, 1), (awaited, advanced));
    }

    [Fact]
    public void A_report_is_due_for_an_awaited_change_that_later_ones_without_rules_have_passed()
    {
        List(10, 12);
        progress.Programmed(progress.Delivered);
        SliceChange(15);
        SliceChange(16, routed: false);
        progress.Programmed(progress.Delivered);
        Assert.True(progress.IsDue(new(10, 14)));
        Assert.False(progress.IsDue(new(10, 15)));
    }
}
