using KubeApi.Objects;
using NodeAgent.Containers;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public class PodFilesTests
{
    private static readonly DnsSettings Cluster = new(["10.96.0.10"], "cluster.local", "nameserver 192.0.2.1\nsearch corp.example\noptions rotate\n");

    [Fact]
    public void ClusterFirst_asks_the_cluster_and_searches_the_namespace_first() => Assert.Equal(
        "search default.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\noptions ndots:5\n",
        PodFiles.ResolvConf(Pods.Of("Always", "a"), Cluster));

    [Fact]
    public void Without_cluster_DNS_and_with_policy_Default_the_nodes_file_is_taken_as_it_is()
    {
        Assert.Equal(Cluster.NodeResolvConf, PodFiles.ResolvConf(Pods.Of("Always", "a"), Cluster with { ClusterServers = [] }));
        Assert.Equal(Cluster.NodeResolvConf, PodFiles.ResolvConf(With(new PodSpec { DnsPolicy = "Default" }), Cluster));
    }

    [Fact]
    public void Policy_None_takes_the_pods_own_settings_only() => Assert.Equal("search a.b\nnameserver 1.1.1.1\noptions ndots:2 debug\n",
        PodFiles.ResolvConf(With(new PodSpec
        {
            DnsPolicy = "None",
            DnsConfig = new PodDNSConfig { Nameservers = ["1.1.1.1"], Searches = ["a.b"], Options = [new PodDNSConfigOption { Name = "ndots", Value = "2" }, new PodDNSConfigOption { Name = "debug" }] },
        }), Cluster));

    [Fact]
    public void The_hosts_file_has_the_pods_name_and_its_aliases()
    {
        var text = PodFiles.Hosts(With(new PodSpec { Hostname = "web", Subdomain = "sub", HostAliases = [new HostAlias { Ip = "9.9.9.9", Hostnames = ["x", "y"] }] }), "10.244.1.2", "cluster.local");
        Assert.Contains("10.244.1.2\tweb.sub.default.svc.cluster.local\tweb\n", text);
        Assert.Contains("9.9.9.9\tx\ty\n", text);
    }

    [Fact]
    public void Services_of_the_namespace_become_environment_variables()
    {
        Service[] services =
        [
            Service("default", "kubernetes", "10.96.0.1", new ServicePort { Name = "https", Port = 443 }),
            Service("default", "my-nginx", "10.96.1.1", new ServicePort { Port = 80 }),
            Service("other", "hidden", "10.96.1.2", new ServicePort { Port = 80 }),
            Service("default", "headless", "None", new ServicePort { Port = 80 }),
        ];
        var all = ServiceEnvironment.Of(Pods.Of("Always", "a"), services).Select(entry => $"{entry.Key}={entry.Value}").ToList();
        Assert.Contains("KUBERNETES_SERVICE_PORT_HTTPS=443", all);
        Assert.Equal(["MY_NGINX_SERVICE_HOST=10.96.1.1", "MY_NGINX_SERVICE_PORT=80", "MY_NGINX_PORT=tcp://10.96.1.1:80", "MY_NGINX_PORT_80_TCP=tcp://10.96.1.1:80",
            "MY_NGINX_PORT_80_TCP_PROTO=tcp", "MY_NGINX_PORT_80_TCP_PORT=80", "MY_NGINX_PORT_80_TCP_ADDR=10.96.1.1"], all.Where(entry => entry.StartsWith("MY_NGINX", StringComparison.Ordinal)));
        Assert.All(ServiceEnvironment.Of(With(new PodSpec { EnableServiceLinks = false }), services).Keys, name => Assert.StartsWith("KUBERNETES_", name));
    }

    private static Pod With(PodSpec spec) => Pods.Of("Always", "a") with { Spec = spec };

    private static Service Service(string ns, string name, string address, ServicePort port) => new()
    {
        Metadata = new ObjectMeta { Namespace = ns, Name = name }, Spec = new ServiceSpec { ClusterIP = address, Ports = [port] },
    };
}
