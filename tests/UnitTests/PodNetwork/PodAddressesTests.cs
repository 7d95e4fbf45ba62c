using System.Net;
using NodeAgent.PodNetwork;

namespace UnitTests.PodNetwork;

public class PodAddressesTests
{
    private static readonly IPNetwork Tiny = IPNetwork.Parse("10.244.1.0/29"); // .2 to .6 are for pods

    private static IPAddress Address(int last) => IPAddress.Parse($"10.244.1.{last}");

    [Fact]
    public void Addresses_come_in_turn_and_a_freed_one_comes_last()
    {
        var addresses = new PodAddresses(Tiny);
        Assert.Equal(Address(2), addresses.Allocate());
        Assert.Equal(Address(3), addresses.Allocate());
        addresses.Release(Address(2));
        Assert.Equal([Address(4), Address(5), Address(6), Address(2)], Enumerable.Range(0, 4).Select(_ => addresses.Allocate()));
    }

    [Fact]
    public void The_network_gateway_and_broadcast_addresses_are_never_given_out_nor_released()
    {
        var addresses = new PodAddresses(Tiny);
        foreach (var reserved in (int[])[0, 1, 7])
        {
            Assert.False(addresses.Reserve(Address(reserved)));
            addresses.Release(Address(reserved));
        }
        Assert.Equal(Enumerable.Range(2, 5).Select(Address), Enumerable.Range(0, 5).Select(_ => addresses.Allocate()));
        Assert.Contains("10.244.1.0/29", Assert.Throws<PodAddressesExhaustedException>(() => addresses.Allocate()).Message);
    }

    [Fact]
    public void An_adopted_address_is_in_use_and_new_ones_follow_it()
    {
        var addresses = new PodAddresses(Tiny);
        Assert.True(addresses.Reserve(Address(4)));
        Assert.False(addresses.Reserve(Address(4)));
        Assert.False(addresses.Reserve(IPAddress.Parse("10.244.2.4")));
        Assert.Equal([Address(5), Address(6), Address(2), Address(3)], Enumerable.Range(0, 4).Select(_ => addresses.Allocate()));
    }

    [Fact]
    public void A_released_address_of_another_range_is_ignored()
    {
        var addresses = new PodAddresses(Tiny);
        addresses.Release(IPAddress.Parse("192.168.1.1"));
        Assert.Equal(Address(2), addresses.Allocate());
    }

    [Theory]
    [InlineData("10.244.1.0/31")]
    [InlineData("10.0.0.0/7")]
    [InlineData("fd00::/120")]
    public void A_range_that_cannot_hold_pods_is_refused(string podCidr) =>
        Assert.Contains(podCidr, Assert.ThrowsAny<ArgumentException>(() => new PodAddresses(IPNetwork.Parse(podCidr))).Message);
}
