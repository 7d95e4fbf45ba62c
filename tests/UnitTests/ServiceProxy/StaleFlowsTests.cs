using System.Net;
using Linux;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

public class StaleFlowsTests
{
    private static FrontendKey Key(string? address, int port) => new(address is null ? null : IPAddress.Parse(address), "udp", port);

    private static HashSet<(IPAddress, int)> Serving(params string[] endpoints) => [.. endpoints.Select(IPEndPoint.Parse).Select(endpoint => (endpoint.Address, endpoint.Port))];

    private static readonly StaleFlowTest Some = new(new Dictionary<FrontendKey, HashSet<(IPAddress, int)>>
    {
        [Key("10.96.0.10", 53)] = Serving("10.244.1.2:5353", "10.244.1.3:5353"), [Key("10.96.0.11", 53)] = Serving(), [Key(null, 30053)] = Serving("10.244.1.2:5353"),
    }, new HashSet<IPAddress> { IPAddress.Parse("192.168.56.11") });

    private static readonly StaleFlowTest All = new(new Dictionary<FrontendKey, HashSet<(IPAddress, int)>> { [Key("10.96.0.10", 53)] = Serving("10.244.1.2:5353") }, new HashSet<IPAddress>())
    {
        AbandonedOn = Node1, HostPorts = new HashSet<int> { 7053 },
    };

    private static ConntrackFlow Flow(string to, string answeredBy, ConntrackProtocol protocol = ConntrackProtocol.Udp)
    {
        var (destination, source) = (IPEndPoint.Parse(to), IPEndPoint.Parse(answeredBy));
        return new(protocol, destination.Address, destination.Port, source.Address, source.Port);
    }

    [Theory]
    [InlineData("10.96.0.10:53", "10.244.1.2:5353", false)]
    [InlineData("10.96.0.10:53", "10.244.1.9:5353", true)] // gone
    [InlineData("10.96.0.10:53", "10.244.1.2:53", true)] // another target port
    [InlineData("10.96.0.10:53", "10.96.0.10:53", true)] // began before there were endpoints
    [InlineData("10.96.0.10:54", "10.244.1.9:5353", false)] // not asked about
    [InlineData("10.96.0.11:53", "10.244.1.9:53", true)] // fell to none
    [InlineData("10.96.0.11:53", "10.96.0.11:53", false)] // nothing better
    [InlineData("192.168.56.11:30053", "10.244.1.9:5353", true)]
    [InlineData("127.0.0.1:30053", "10.244.1.9:5353", true)]
    [InlineData("192.168.56.11:30053", "10.244.1.2:5353", false)]
    [InlineData("192.168.56.11:30053", "192.168.56.11:30053", true)]
    [InlineData("203.0.113.77:30053", "203.0.113.77:30053", false)] // only passes through
    [InlineData("8.8.8.8:53", "8.8.8.8:53", false)]
    public void Flows_that_lead_elsewhere_than_to_serving_endpoints_are_stale(string to, string answeredBy, bool stale)
    {
        Assert.Equal(stale, Some.IsStale(Flow(to, answeredBy)));
        Assert.False(Some.IsStale(Flow(to, answeredBy, ConntrackProtocol.Tcp)));
    }

    [Theory]
    [InlineData("10.96.0.10:53", "10.244.1.2:5353", false)]
    [InlineData("10.96.0.77:53", "10.244.1.2:5353", true)]
    [InlineData("10.96.0.77:53", "198.51.100.5:53", true)] // endpoints written by hand
    [InlineData("10.96.0.77:53", "10.96.0.77:53", false)]
    [InlineData("192.168.56.11:30053", "10.244.2.2:5353", true)] // a node port
    [InlineData("192.168.56.11:7053", "10.244.1.2:53", false)] // a host port
    [InlineData("192.168.56.11:8053", "172.17.0.2:53", false)] // somebody else's
    [InlineData("8.8.8.8:53", "8.8.8.8:53", false)]
    public void Flows_to_services_that_are_gone_are_known_by_their_translation(string to, string answeredBy, bool stale) =>
        Assert.Equal(stale, All.IsStale(Flow(to, answeredBy)));
}
