using ControlPlane.Controllers.Programmed;
using KubeApi;

namespace UnitTests.Controllers.Programmed;

public class NodeReportsTests
{
    private readonly NodeReports reports = new();
    private int moved, lowered;

    public NodeReportsTests() => reports.Moved += less => (moved, lowered) = (moved + 1, lowered + (less ? 1 : 0));

    private void Report(string node, long services, long slices)
    {
        reports.SetReady(node, true);
        reports.SetReport(node, new(services, slices));
    }

    [Fact]
    public void What_all_nodes_hold_is_the_least_of_each_kind()
    {
        Report("a", 10, 20);
        Report("b", 12, 18);
        Assert.Equal(new ProgrammedRevisions(10, 18), reports.Lowest);
        Assert.Equal(["b"], reports.Lagging(new(10, 19)));
        Assert.Equal(["a", "b"], reports.Lagging(new(11, 19)));
        Assert.Empty(reports.Lagging(new(10, 18)));
    }

    [Fact]
    public void A_node_counts_while_it_is_ready_and_from_its_first_report_on()
    {
        Assert.Null(reports.Lowest);
        reports.SetReady("new", true);
        Assert.Null(reports.Lowest);
        Report("a", 10, 20);
        reports.SetReport("lost", new(1, 1));
        Assert.Equal(new ProgrammedRevisions(10, 20), reports.Lowest);
        reports.SetReady("lost", true);
        Assert.Equal(new ProgrammedRevisions(1, 1), reports.Lowest);
        reports.SetReady("lost", false);
        Assert.Equal(new ProgrammedRevisions(10, 20), reports.Lowest);
        reports.SetReport("a", null); // rebooted
        Assert.Null(reports.Lowest);
    }

    [Fact]
    public void Only_a_report_that_changes_what_all_hold_is_told()
    {
        Report("a", 10, 20);
        Report("b", 10, 20);
        moved = 0;
        reports.SetReport("a", new(11, 21));
        reports.SetReport("a", new(11, 21));
        reports.SetReady("a", true);
        Assert.Equal(0, moved);
        reports.SetReport("b", new(11, 20));
        Assert.Equal((1, 0), (moved, lowered));
        reports.SetReport("away", new(5, 20));
        reports.SetReady("away", true);
        Assert.Equal((2, 1), (moved, lowered));
    }
}
