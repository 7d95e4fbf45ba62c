using System.Net;
using Linux;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.Model;
using static UnitTests.ServiceProxy.TestObjects;

namespace UnitTests.ServiceProxy;

public class StaleFlowsTests
{
    [Fact]
    public void Flows_that_lead_elsewhere_than_to_serving_endpoints_are_stale()
    {
        var rules = Rules(
            [Service("dns", "10.96.0.10", Port(53, "dns", "UDP")), Service("empty", "10.96.0.11", Port(53, "dns", "UDP"))],
            [Slice("dns", [SlicePort(5353, "dns", "UDP")], [Ready("10.244.1.2"), Terminating("10.244.1.3")])]);
        ConntrackFlow Flow(string destination, string replySource, int replyPort) => new(ConntrackProtocol.Udp, IPAddress.Parse(destination), 53, IPAddress.Parse(replySource), replyPort);
        ConntrackFlow gone = Flow("10.96.0.10", "10.244.1.9", 5353), oldPort = Flow("10.96.0.10", "10.244.1.2", 53), tooEarly = Flow("10.96.0.10", "10.96.0.10", 53);
        Assert.Equal([gone, oldPort, tooEarly], StaleFlows.Among(
            [gone, oldPort, tooEarly, Flow("10.96.0.10", "10.244.1.2", 5353), Flow("10.96.0.10", "10.244.1.3", 5353), Flow("10.96.0.11", "10.244.1.9", 53), Flow("8.8.8.8", "8.8.8.8", 53)],
            rules.Ports));
    }
}
