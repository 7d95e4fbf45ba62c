using KubeApi;
using KubeApi.Objects;
using NodeAgent.Dns;

namespace UnitTests.Dns;

/// <summary>The names that "Kubernetes DNS-Based Service Discovery" 1.1.0 asks for, and what there is not.</summary>
public class NamesTests
{
    private static readonly ServicePort Http = new() { Name = "http", Port = 80, Protocol = "TCP" };
    private static readonly DiscoveryEndpointPort Http8080 = new() { Name = "http", Port = 8080, Protocol = "TCP" };

    private static TestNames Cluster() => TestNames.With(
        [
            TestNames.Service("my-nginx", "10.96.0.17", Http, new ServicePort { Port = 443 }),
            TestNames.Service("db", "None", Http),
            TestNames.Service("empty", "None", Http),
            TestNames.External("elsewhere", "www.example.com"),
        ],
        TestNames.Slice("db", [TestNames.Endpoint("10.244.1.5", "db-0"), TestNames.Endpoint("10.244.2.6"), TestNames.Endpoint("10.244.2.7", ready: false)], Http8080),
        TestNames.Slice("my-nginx", [TestNames.Endpoint("10.244.1.9")], Http8080));

    [Theory]
    [InlineData("my-nginx.default.svc.cluster.local", RecordType.A, "0: 10.96.0.17")]
    [InlineData("MY-nginx.Default.SVC.cluster.LOCAL.", RecordType.A, "0: 10.96.0.17")]
    [InlineData("my-nginx.default.svc.cluster.local", RecordType.AAAA, "0:")]
    [InlineData("my-nginx.default.svc.cluster.local", RecordType.ANY, "0: 10.96.0.17")]
    [InlineData("_http._tcp.my-nginx.default.svc.cluster.local", RecordType.SRV, "0: 0 100 80 my-nginx.default.svc.cluster.local.")]
    [InlineData("_tcp.my-nginx.default.svc.cluster.local", RecordType.SRV, "0:")]
    [InlineData("_https._tcp.my-nginx.default.svc.cluster.local", RecordType.SRV, "3:")]
    [InlineData("17.0.96.10.in-addr.arpa", RecordType.PTR, "0: my-nginx.default.svc.cluster.local.")]
    [InlineData("18.0.96.10.in-addr.arpa", RecordType.PTR, "3:")]
    [InlineData("db-0.db.default.svc.cluster.local", RecordType.A, "0: 10.244.1.5")]
    [InlineData("10-244-2-6.db.default.svc.cluster.local", RecordType.A, "0: 10.244.2.6")]
    [InlineData("10-244-2-7.db.default.svc.cluster.local", RecordType.A, "3:")]
    [InlineData("5.1.244.10.in-addr.arpa", RecordType.PTR, "0: db-0.db.default.svc.cluster.local.")]
    [InlineData("9.1.244.10.in-addr.arpa", RecordType.PTR, "3:")]
    [InlineData("empty.default.svc.cluster.local", RecordType.A, "3:")]
    [InlineData("elsewhere.default.svc.cluster.local", RecordType.CNAME, "0: www.example.com.")]
    [InlineData("elsewhere.default.svc.cluster.local", RecordType.A, "ask")]
    [InlineData("10-244-1-5.default.pod.cluster.local", RecordType.A, "0: 10.244.1.5")]
    [InlineData("10-244-1-5.default.pod.cluster.local", RecordType.AAAA, "0:")]
    [InlineData("10-244-1-256.default.pod.cluster.local", RecordType.A, "3:")]
    [InlineData("10-244-01-5.default.pod.cluster.local", RecordType.A, "3:")]
    [InlineData("10-244-1.default.pod.cluster.local", RecordType.A, "3:")]
    [InlineData("x.10-244-1-5.default.pod.cluster.local", RecordType.A, "3:")]
    [InlineData("default.pod.cluster.local", RecordType.A, "0:")]
    [InlineData("default.svc.cluster.local", RecordType.A, "0:")]
    [InlineData("other.svc.cluster.local", RecordType.A, "3:")]
    [InlineData("svc.cluster.local", RecordType.A, "0:")]
    [InlineData("cluster.local", RecordType.SOA, "0: soa")]
    [InlineData("cluster.local", RecordType.NS, "0: ns.dns.cluster.local.")]
    [InlineData("ns.dns.cluster.local", RecordType.A, "0: 10.96.0.10")]
    [InlineData("dns-version.cluster.local", RecordType.TXT, "0: 1.1.0")]
    [InlineData("my-nginx", RecordType.A, "ask")]
    [InlineData("example.com", RecordType.A, "ask")]
    [InlineData("notcluster.local", RecordType.A, "ask")]
    [InlineData("5.1.168.192.in-addr.arpa", RecordType.PTR, "ask")]
    [InlineData("in-addr.arpa", RecordType.PTR, "ask")]
    [InlineData(".", RecordType.NS, "ask")]
    public void A_name_has_the_records_of_the_specification(string name, ushort type, string answer) => Assert.Equal(answer, Cluster().Ask(name, type));

    [Fact]
    public void A_headless_service_has_all_ready_addresses_each_time_another_one_first()
    {
        var cluster = Cluster();
        var answers = Enumerable.Range(0, 4).Select(_ => cluster.Ask("db.default.svc.cluster.local", RecordType.A)).Distinct().Order();
        Assert.Equal(["0: 10.244.1.5, 10.244.2.6", "0: 10.244.2.6, 10.244.1.5"], answers);
    }

    [Fact]
    public void Its_SRV_records_name_each_endpoint_with_the_endpoints_own_port()
    {
        var answer = Cluster().Ask("_http._tcp.db.default.svc.cluster.local", RecordType.SRV);
        Assert.Contains("0 50 8080 db-0.db.default.svc.cluster.local.", answer);
        Assert.Contains("0 50 8080 10-244-2-6.db.default.svc.cluster.local.", answer);
    }

    [Fact]
    public void PublishNotReadyAddresses_shows_them_too()
    {
        var service = TestNames.Service("db", "None", Http);
        var names = TestNames.With([service with { Spec = service.Spec! with { PublishNotReadyAddresses = true } }],
            TestNames.Slice("db", [TestNames.Endpoint("10.244.2.7", ready: false)], Http8080));
        Assert.Equal("0: 10.244.2.7", names.Ask("db.default.svc.cluster.local", RecordType.A));
    }

    [Fact]
    public void A_pod_of_two_headless_services_has_two_names_backwards_and_keeps_the_other_when_one_goes()
    {
        var (first, second) = (TestNames.Service("a", "None"), TestNames.Service("b", "None"));
        var names = TestNames.With([first, second], TestNames.Slice("a", [TestNames.Endpoint("10.244.1.5")]), TestNames.Slice("b", [TestNames.Endpoint("10.244.1.5")]));
        Assert.Equal(2, names.Ask("5.1.244.10.in-addr.arpa", RecordType.PTR).Split(',').Length);
        names.Names.Changed(first, null);
        Assert.Equal("0: 10-244-1-5.b.default.svc.cluster.local.", names.Ask("5.1.244.10.in-addr.arpa", RecordType.PTR));
        Assert.Equal("3:", names.Ask("a.default.svc.cluster.local", RecordType.A));
    }

    [Fact]
    public void Changes_are_in_the_very_next_answer_and_nothing_is_left_of_what_is_gone()
    {
        var names = TestNames.With([]);
        var count = names.Table.Count;
        var service = TestNames.Service("db", "None", Http);
        var slice = TestNames.Slice("db", [TestNames.Endpoint("10.244.1.5", "db-0")], Http8080);
        names.Names.Changed(null, slice); // before its Service: the two come by different watches
        Assert.Equal("3:", names.Ask("db.default.svc.cluster.local", RecordType.A));
        names.Names.Changed(null, service);
        Assert.Equal("0: 10.244.1.5", names.Ask("db.default.svc.cluster.local", RecordType.A));
        var moved = slice with { Endpoints = [TestNames.Endpoint("10.244.1.6", "db-0")] };
        names.Names.Changed(slice, moved);
        Assert.Equal("0: 10.244.1.6", names.Ask("db-0.db.default.svc.cluster.local", RecordType.A));
        Assert.Equal("3:", names.Ask("5.1.244.10.in-addr.arpa", RecordType.PTR));
        names.Names.Changed(moved, null);
        names.Names.Changed(service, null);
        Assert.Equal(count, names.Table.Count);
    }

    [Fact]
    public void Before_anything_is_known_no_name_of_the_cluster_is_said_not_to_exist()
    {
        var names = new TestNames();
        Assert.Equal("2:", names.Ask("my-nginx.default.svc.cluster.local", RecordType.A));
        Assert.Equal("0: 1.1.0", names.Ask("dns-version.cluster.local", RecordType.TXT));
        names.Names.Restore([TestNames.Service("my-nginx", "10.96.0.17")], []);
        Assert.Equal("0: 10.96.0.17", names.Ask("my-nginx.default.svc.cluster.local", RecordType.A));
        names.Names.Replace([], []);
        Assert.Equal("3:", names.Ask("my-nginx.default.svc.cluster.local", RecordType.A));
    }
}
