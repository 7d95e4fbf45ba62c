using System.Net;
using System.Net.NetworkInformation;
using Linux;

namespace KernelTests.Linux;

public sealed class RouteNetlinkTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("netlink-").FullName;
    private readonly PinnedNamespaces pins;
    private readonly NetworkNamespace space;
    private readonly NetlinkSocket socket;

    public RouteNetlinkTests()
    {
        pins = new PinnedNamespaces(Path.Combine(directory, "net"));
        socket = pins.Create(() => new NetlinkSocket());
        space = NetworkNamespace.Open(pins.Net);
    }

    public void Dispose()
    {
        socket.Dispose();
        space.Dispose();
        pins.Remove();
        Directory.Delete(directory);
    }

    [Fact]
    public void What_is_added_in_one_request_is_what_is_read()
    {
        var mac = PhysicalAddress.Parse("0A-58-0A-00-00-01");
        socket.Execute(new NetlinkRequest().AddBridge("br0", mac, 1400));
        var bridge = Links.Find(socket, "br0")!;
        Assert.Equal(("bridge", 1400, mac, true), (bridge.Kind, bridge.Mtu, bridge.Address, bridge.Up));
        var route = new Route(IPNetwork.Parse("10.1.0.0/16"), bridge.Index, IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.0.0.1"), 80);
        socket.Execute(new NetlinkRequest().AddAddress(new LinkAddress(bridge.Index, IPAddress.Parse("10.0.0.1"), 24)).AddRoute(route)
            .SetNeighbor(bridge.Index, IPAddress.Parse("10.0.0.2"), mac));
        Assert.Equal([route], Routes.List(socket, 80));
        Assert.Equal([new LinkAddress(bridge.Index, IPAddress.Parse("10.0.0.1"), 24)], Addresses.List(socket, bridge.Index));
        Assert.Equal([new Neighbor(bridge.Index, IPAddress.Parse("10.0.0.2"), mac, LibC.NUD_PERMANENT)],
            Neighbors.List(socket, bridge.Index).Where(entry => entry.State == LibC.NUD_PERMANENT)); // the kernel has a multicast one
        Assert.Equal(new RoutePath(bridge.Index, IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.0.0.1"), false), Routes.PathTo(socket, IPAddress.Parse("10.1.2.3")));
        Assert.Null(Routes.PathTo(socket, IPAddress.Parse("203.0.113.1")));
        Assert.Null(Links.Find(socket, "none"));
    }

    [Fact]
    public void Of_several_messages_the_refused_one_is_named_with_the_kernels_words_and_the_others_are_done()
    {
        socket.Execute(new NetlinkRequest().AddBridge("br0", PhysicalAddress.Parse("0A-58-0A-00-00-01"), 1500));
        var index = Links.Find(socket, "br0")!.Index;
        var error = Assert.Throws<NetlinkException>(() => socket.Execute(new NetlinkRequest()
            .SetLink(index, "set the alias", alias: "one")
            .AddRoute(new Route(IPNetwork.Parse("10.1.0.0/16"), 0, IPAddress.Parse("10.0.0.2")))
            .SetLink(index, "set the mtu", mtu: 1300)));
        var failure = Assert.Single(error.Failures);
        Assert.Equal(1, failure.Message);
        Assert.Contains("Nexthop", failure.Text);
        Assert.Contains("add route 10.1.0.0/16", error.Message);
        Assert.Equal(("one", 1300), (Links.Find(socket, "br0")!.Alias, Links.Find(socket, "br0")!.Mtu));
    }

    [Fact]
    public void Two_thousand_routes_go_in_one_request_and_come_back_in_one_dump()
    {
        socket.Execute(new NetlinkRequest().AddBridge("br0", PhysicalAddress.Parse("0A-58-0A-00-00-01"), 1500));
        var index = Links.Find(socket, "br0")!.Index;
        var request = new NetlinkRequest();
        for (var i = 0; i < 2000; i++) request.AddRoute(new Route(new IPNetwork(new IPAddress([10, (byte)(i >> 8), (byte)i, 0]), 24), index, Protocol: 80));
        socket.Execute(request);
        Assert.Equal(2000, Routes.List(socket, 80).Count);
    }

    [Fact]
    public async Task A_listener_hears_of_changes_in_its_namespace()
    {
        using var events = new NetlinkEvents(space, LibC.RTNLGRP_LINK);
        socket.Execute(new NetlinkRequest().AddBridge("br0", PhysicalAddress.Parse("0A-58-0A-00-00-01"), 1500));
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var messages = await events.Next(cancel.Token);
        Assert.Contains(messages!, message => message.Type == LibC.RTM_NEWLINK && Links.Parse(message).Name == "br0");
    }
}
