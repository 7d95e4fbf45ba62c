using KubeApi;
using KubeApi.Objects;

namespace UnitTests.KubeApi;

public class ProgrammedRevisionsTests
{
    [Fact]
    public void The_annotation_is_read_as_it_was_written()
    {
        var revisions = new ProgrammedRevisions(12, 3_000_000_000);
        Assert.Equal("services=12,endpointslices=3000000000", revisions.ToString());
        Assert.Equal(revisions, ProgrammedRevisions.Parse(revisions.ToString()));
    }

    [Theory]
    [InlineData(null)] [InlineData("")] [InlineData("12")] [InlineData("services=12")] [InlineData("services=x,endpointslices=1")]
    [InlineData("endpointslices=1,services=2")] [InlineData("services=-1,endpointslices=1")] [InlineData("services=1,endpointslices=2,pods=3")]
    public void What_is_of_another_form_says_nothing(string? text) => Assert.Null(ProgrammedRevisions.Parse(text));

    [Fact]
    public void Both_kinds_must_be_there() =>
        Assert.Equal([true, true, false, false], new[] { new ProgrammedRevisions(5, 7), new(4, 0), new(6, 7), new(5, 8) }.Select(needed => new ProgrammedRevisions(5, 7).Covers(needed)));
}

public class RoutingChangeTests
{
    private static Service Service(long? generation = 1, string? ingress = null, int port = 80, string? label = null) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "default", Generation = generation, Labels = label is null ? null : new Dictionary<string, string> { ["a"] = label } },
        Spec = new ServiceSpec { Ports = [new ServicePort { Port = port }] },
        Status = new ServiceStatus { LoadBalancer = new LoadBalancerStatus { Ingress = ingress is null ? null : [new LoadBalancerIngress { Ip = ingress }] } },
    };

    private static EndpointSlice Slice(long generation, string service = "web") => new()
    {
        Metadata = new ObjectMeta { Name = "web-1", Namespace = "default", Generation = generation, Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
    };

    [Fact]
    public void A_service_that_is_new_or_has_another_spec_or_address_must_be_programmed()
    {
        Assert.True(RoutingChange.Of(null, Service()));
        Assert.True(RoutingChange.Of(Service(), Service(generation: 2)));
        Assert.True(RoutingChange.Of(Service(), Service(ingress: "192.0.2.1")));
        Assert.True(RoutingChange.Of(Service(ingress: "192.0.2.2"), Service(ingress: "192.0.2.1")));
        Assert.True(RoutingChange.Of(Service(generation: null), Service(generation: null, port: 81)));
    }

    [Fact]
    public void Labels_conditions_and_the_end_of_a_service_need_no_programming()
    {
        Assert.False(RoutingChange.Of(Service(ingress: "192.0.2.1"), Service(ingress: "192.0.2.1", label: "b")));
        Assert.False(RoutingChange.Of(Service(generation: null), Service(generation: null)));
        var condition = new Condition { Type = "Programmed", Status = "True" };
        Assert.False(RoutingChange.Of(Service(), Service() with { Status = Service().Status! with { Conditions = [condition] } }));
        Assert.False(RoutingChange.Of(Service(), null));
    }

    [Fact]
    public void A_slice_must_be_programmed_when_it_comes_goes_changes_or_belongs_to_another_service()
    {
        Assert.True(RoutingChange.Of(null, Slice(1)));
        Assert.True(RoutingChange.Of(Slice(1), null));
        Assert.True(RoutingChange.Of(Slice(1), Slice(2)));
        Assert.True(RoutingChange.Of(Slice(1), Slice(1, "other")));
        Assert.False(RoutingChange.Of(Slice(1), Slice(1) with { Metadata = Slice(1).Metadata with { Annotations = new Dictionary<string, string> { ["a"] = "b" } } }));
    }
}
