using ControlPlane.Controllers.Programmed;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Controllers.Programmed;

public class NeededRevisionsTests
{
    private readonly NeededRevisions needed = new();

    private static Service Service(long revision, long generation) => new() { Metadata = new ObjectMeta { Name = "web", Namespace = "default", ResourceVersion = $"{revision}", Generation = generation } };

    private static EndpointSlice Slice(long revision, long generation, string service = "web") => new()
    {
        Metadata = new ObjectMeta { Name = "web-1", Namespace = "default", ResourceVersion = $"{revision}", Generation = generation, Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
    };

    [Fact]
    public void A_service_needs_its_last_spec_and_the_last_change_of_its_slices()
    {
        needed.ServiceChanged(null, Service(5, 1));
        needed.SliceChanged(null, Slice(7, 1));
        needed.ServiceChanged(Service(5, 1), Service(9, 1)); // a label
        Assert.Equal(new ProgrammedRevisions(5, 7), needed["default/web"]);
        needed.ServiceChanged(Service(9, 1), Service(11, 2));
        needed.SliceChanged(Slice(7, 1), Slice(12, 1)); // an annotation
        Assert.Equal(new ProgrammedRevisions(11, 7), needed["default/web"]);
    }

    [Fact]
    public void A_slice_that_is_gone_is_needed_from_the_revision_of_its_deletion_on()
    {
        needed.SliceChanged(null, Slice(7, 1));
        needed.SliceChanged(Slice(7, 1), null);
        Assert.Equal(7, needed["default/web"].EndpointSlices);
        needed.SlicesAdvanced(9);
        needed.SlicesAdvanced(15);
        Assert.Equal(9, needed["default/web"].EndpointSlices);
    }

    [Fact]
    public void A_slice_that_goes_to_another_service_concerns_both()
    {
        needed.SliceChanged(null, Slice(7, 1));
        needed.SliceChanged(Slice(7, 1), Slice(8, 1, "other"));
        needed.SlicesAdvanced(8);
        Assert.Equal((8L, 8L), (needed["default/web"].EndpointSlices, needed["default/other"].EndpointSlices));
    }
}
