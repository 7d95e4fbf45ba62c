using System.Net;
using KernelTests.ServiceProxy;
using Linux;

namespace KernelTests.Linux;

/// <summary>ctnetlink against the table of a fresh namespace, filled by conntrack(8).</summary>
public sealed class ConntrackTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("conntrack-").FullName;
    private readonly TestSpace space;

    public ConntrackTests() => space = new(directory, "node");

    public void Dispose()
    {
        space.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>A connection from 10.9.9.9 that was led elsewhere.</summary>
    private Task Insert(string protocol, string destination, int port, string endpoint, int endpointPort, int client) => space.Run("conntrack",
        ["-I", "-p", protocol, "-t", "600", "-s", "10.9.9.9", "-d", destination, "--sport", $"{client}", "--dport", $"{port}",
            "-r", endpoint, "-q", "10.9.9.9", "--reply-port-src", $"{endpointPort}", "--reply-port-dst", $"{client}", .. protocol == "tcp" ? (string[])["--state", "ESTABLISHED"] : []]);

    private static string Text(IEnumerable<ConntrackFlow> flows) => string.Join('\n', flows.Select(flow => $"{flow}").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // as on kernels before 5.9
    public async Task Connections_are_listed_by_where_they_went_and_deleted_one_by_one(bool kernelFilters)
    {
        await Insert("udp", "10.96.0.10", 53, "10.244.1.2", 5353, 1001);
        await Insert("udp", "10.96.0.10", 53, "10.244.1.3", 5353, 1002);
        await Insert("udp", "10.96.0.10", 54, "10.244.1.2", 5353, 1003);
        await Insert("udp", "192.168.56.11", 53, "10.244.1.2", 5353, 1004);
        await Insert("tcp", "10.96.0.10", 53, "10.244.1.2", 5353, 1005);
        var conntrack = new Conntrack(space.Namespace) { Filters = kernelFilters };
        var vip = IPAddress.Parse("10.96.0.10");

        var at53 = conntrack.List(new(ConntrackProtocol.Udp, vip, 53));
        Assert.Equal("udp 10.96.0.10:53 answered by 10.244.1.2:5353\nudp 10.96.0.10:53 answered by 10.244.1.3:5353", Text(at53));
        Assert.Equal(3, conntrack.List(new(ConntrackProtocol.Udp, DestinationPort: 53)).Count);
        Assert.Equal(4, conntrack.List(new(ConntrackProtocol.Udp)).Count);
        Assert.Single(conntrack.List(new(ConntrackProtocol.Tcp)));
        Assert.Empty(conntrack.List(new(ConntrackProtocol.Sctp)));

        conntrack.Delete([.. at53.Where(flow => flow.ReplySource.Equals(IPAddress.Parse("10.244.1.3")))]);
        Assert.Equal("udp 10.96.0.10:53 answered by 10.244.1.2:5353", Text(conntrack.List(new(ConntrackProtocol.Udp, vip, 53))));
        conntrack.Delete(at53); // one of them is gone already
        Assert.Empty(conntrack.List(new(ConntrackProtocol.Udp, vip, 53)));
        Assert.Equal(2, conntrack.List(new(ConntrackProtocol.Udp)).Count);
        Assert.Equal(kernelFilters, conntrack.Filters); // was not refused
    }

    [Fact]
    public async Task The_kernel_itself_leaves_out_what_was_not_asked_for()
    {
        for (var client = 1; client <= 5; client++) await Insert("udp", "10.96.0.10", 53 + client, "10.244.1.2", 5353, client);
        using var socket = NetlinkSocket.OpenIn(space.Namespace, LibC.NETLINK_NETFILTER);
        Assert.Single(socket.Dump(Conntrack.Request(new(ConntrackProtocol.Udp, IPAddress.Parse("10.96.0.10"), 55))));
    }
}
