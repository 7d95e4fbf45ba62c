using System.Net;
using System.Net.NetworkInformation;
using NodeAgent.PodNetwork;

namespace UnitTests.PodNetwork;

public class MarksTests
{
    [Fact]
    public void A_link_name_fits_the_kernel_and_depends_on_the_uid_alone()
    {
        var name = Marks.PodLink("6c7f6b9e-3a53-4a11-9d3f-000000000001");
        Assert.Matches("^nav[0-9a-f]{8}$", name);
        Assert.Equal(name, Marks.PodLink("6c7f6b9e-3a53-4a11-9d3f-000000000001"));
        Assert.NotEqual(name, Marks.PodLink("6c7f6b9e-3a53-4a11-9d3f-000000000002"));
    }

    [Fact]
    public void An_alias_says_which_pod_it_is() =>
        Assert.Equal(("default", "my-nginx", "uid-1"), Marks.ParseAlias(Marks.Alias("default", "my-nginx", "uid-1")));

    [Fact]
    public void A_pod_name_too_long_for_an_alias_loses_its_end_and_never_the_uid()
    {
        var uid = Guid.NewGuid().ToString();
        var alias = Marks.Alias(new string('n', 63), new string('p', 253), uid);
        Assert.Equal(255, alias.Length);
        Assert.Equal(uid, Marks.ParseAlias(alias)!.Value.Uid);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("uplink")]
    [InlineData("a/b")]
    [InlineData("a//c")]
    [InlineData("a/b/c/d")]
    public void A_foreign_alias_names_no_pod(string? alias) => Assert.Null(Marks.ParseAlias(alias));

    [Fact]
    public void A_MAC_is_computed_from_the_address_and_back()
    {
        var mac = Marks.Mac(IPAddress.Parse("10.244.1.5"));
        Assert.Equal(PhysicalAddress.Parse("0A-58-0A-F4-01-05"), mac);
        Assert.Equal(IPAddress.Parse("10.244.1.5"), Marks.AddressOf(mac));
        Assert.Null(Marks.AddressOf(PhysicalAddress.Parse("02-00-00-00-00-01")));
    }
}
