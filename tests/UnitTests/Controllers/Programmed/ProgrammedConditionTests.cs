using ControlPlane.Controllers.Programmed;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers.Programmed;

public class ProgrammedConditionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private static readonly Service Web = Service() with { Metadata = Service().Metadata with { Generation = 3 } };

    private static Condition Stored(Condition condition, TimeSpan? age = null) => condition with { LastTransitionTime = Now - (age ?? TimeSpan.FromHours(1)) };

    private static Condition Programmed => ProgrammedCondition.Now(Web, counted: true, []);

    private static Condition Pending(params string[] lagging) => ProgrammedCondition.Now(Web, counted: true, lagging);

    [Fact]
    public void It_is_true_of_the_generation_that_all_nodes_hold() =>
        Assert.Equal(("Programmed", "True", 3L, "Programmed"), (Programmed.Type, Programmed.Status, Programmed.ObservedGeneration, Programmed.Reason));

    [Fact]
    public void Nodes_that_lag_are_named_the_first_few_of_them()
    {
        Assert.Equal(("False", "Pending", "Waiting for node a"), (Pending("a").Status, Pending("a").Reason, Pending("a").Message));
        Assert.Equal("Waiting for nodes a, b, c and 2 more", Pending("a", "b", "c", "d", "e").Message);
    }

    [Fact]
    public void A_service_with_a_selector_waits_for_its_first_slice()
    {
        Assert.Equal("Waiting for its EndpointSlices", ProgrammedCondition.Now(Web, counted: true, [], sliced: false).Message);
        Assert.Equal("True", ProgrammedCondition.Now(Web with { Spec = Web.Spec! with { Selector = null } }, counted: true, [], sliced: false).Status);
    }

    [Theory]
    [InlineData("ExternalName", null)]
    [InlineData("ClusterIP", "None")]
    public void A_service_that_is_a_name_only_is_programmed_at_once(string type, string? address)
    {
        var condition = ProgrammedCondition.Now(Web with { Spec = Web.Spec! with { Type = type, ClusterIP = address } }, counted: false, []);
        Assert.Equal(("True", "NothingToProgram"), (condition.Status, condition.Reason));
    }

    [Fact]
    public void Without_nodes_nothing_is_known_and_what_was_true_stands()
    {
        var unknown = ProgrammedCondition.Now(Web, counted: false, []);
        Assert.Equal(("Unknown", "NoReadyNodes"), (unknown.Status, unknown.Reason));
        Assert.Null(ProgrammedCondition.WriteAfter(Stored(Programmed), unknown, Now, Patience));
        Assert.NotNull(ProgrammedCondition.WriteAfter(null, unknown, Now, Patience));
    }

    [Fact]
    public void What_stands_there_is_not_written_again()
    {
        Assert.Null(ProgrammedCondition.WriteAfter(Stored(Programmed), Programmed, Now, Patience));
        Assert.Null(ProgrammedCondition.WriteAfter(Stored(Pending("a")), Pending("a"), Now, Patience));
    }

    [Fact]
    public void True_is_written_at_once()
    {
        Assert.Equal(TimeSpan.Zero, ProgrammedCondition.WriteAfter(null, Programmed, Now, Patience));
        Assert.Equal(TimeSpan.Zero, ProgrammedCondition.WriteAfter(Stored(Pending("a")), Programmed, Now, Patience));
        Assert.Equal(TimeSpan.Zero, ProgrammedCondition.WriteAfter(Stored(Programmed) with { ObservedGeneration = 2 }, Programmed, Now, Patience));
    }

    [Fact]
    public void Nodes_have_a_moment_before_false_is_written_and_longer_where_endpoints_flap()
    {
        Assert.Equal(Patience, ProgrammedCondition.WriteAfter(null, Pending("a"), Now, Patience));
        Assert.Equal(Patience, ProgrammedCondition.WriteAfter(Stored(Programmed), Pending("a"), Now, Patience));
        Assert.Equal(ProgrammedCondition.Flapping * Patience, ProgrammedCondition.WriteAfter(Stored(Programmed, TimeSpan.FromSeconds(3)), Pending("a"), Now, Patience));
    }

    [Fact]
    public void The_names_of_nodes_that_lag_follow_slowly() =>
        Assert.Equal(ProgrammedCondition.MessageEvery, ProgrammedCondition.WriteAfter(Stored(Pending("a", "b")), Pending("a"), Now, Patience));
}
