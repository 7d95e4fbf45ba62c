using KubeApi.Objects;
using NodeAgent.Containers;
using NodeAgent.Dns;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public class PodFilesTests
{
    private static readonly DnsSettings Cluster = new(["10.96.0.10"], "cluster.local", ResolvConf.Parse("""
        # made by hand
        nameserver 192.0.2.1
        search old.example
        search corp.example. example
        options rotate ndots:1
        options ndots:2 edns0
        """));

    private const string OfNode = "search corp.example example\nnameserver 192.0.2.1\noptions rotate ndots:2 edns0\n";
    private const string OfCluster = "search default.svc.cluster.local svc.cluster.local cluster.local corp.example example\nnameserver 10.96.0.10\noptions ndots:5\n";

    [Theory]
    [InlineData(null, false, OfCluster)]
    [InlineData("ClusterFirst", false, OfCluster)]
    [InlineData("ClusterFirst", true, OfNode)]
    [InlineData("ClusterFirstWithHostNet", true, OfCluster)]
    [InlineData("ClusterFirstWithHostNet", false, OfCluster)]
    [InlineData("Default", false, OfNode)]
    [InlineData("Default", true, OfNode)]
    public void The_policy_says_whose_servers_a_pod_asks(string? policy, bool hostNetwork, string text) =>
        Assert.Equal(text, PodResolvConf.Of(With(new PodSpec { DnsPolicy = policy, HostNetwork = hostNetwork }), Cluster).Text);

    [Fact]
    public void Without_cluster_DNS_the_nodes_servers_are_taken_and_the_pod_is_told()
    {
        var conf = PodResolvConf.Of(Pods.Of("Always", "a"), Cluster with { ClusterServers = [] });
        Assert.Equal(OfNode, conf.Text);
        Assert.Equal(("MissingClusterDNS", "pod: \"p_default(u1)\". kubelet does not have ClusterDNS IP configured and cannot create Pod using \"ClusterFirst\" policy. Falling back to \"Default\" policy."), Assert.Single(conf.Warnings));
    }

    [Fact]
    public void Policy_None_takes_the_pods_own_settings_only() => Assert.Equal("search a.b\nnameserver 1.1.1.1\noptions ndots:2 debug\n",
        PodResolvConf.Of(With(new PodSpec
        {
            DnsPolicy = "None",
            DnsConfig = new PodDNSConfig { Nameservers = ["1.1.1.1"], Searches = ["a.b"], Options = [new PodDNSConfigOption { Name = "ndots", Value = "2" }, new PodDNSConfigOption { Name = "debug" }] },
        }), Cluster).Text);

    [Fact]
    public void The_pods_own_settings_come_after_the_policys_and_replace_its_options() =>
        Assert.Equal("search default.svc.cluster.local svc.cluster.local cluster.local corp.example example own.example\nnameserver 10.96.0.10\nnameserver 1.1.1.1\noptions ndots:2\n",
            PodResolvConf.Of(With(new PodSpec
            {
                DnsConfig = new PodDNSConfig { Nameservers = ["1.1.1.1", "10.96.0.10"], Searches = ["own.example", "example"], Options = [new PodDNSConfigOption { Name = "ndots", Value = "2" }] },
            }), Cluster).Text);

    [Fact]
    public void What_C_libraries_would_not_read_is_left_out_and_said()
    {
        var many = PodResolvConf.Of(With(new PodSpec { DnsPolicy = "None", DnsConfig = new PodDNSConfig { Nameservers = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"], Searches = [.. Enumerable.Range(0, 33).Select(i => $"s{i}")] } }), Cluster);
        Assert.Equal(3, many.Text.Split("nameserver ").Length - 1);
        Assert.EndsWith(" s31", many.Text.Split('\n')[0]);
        Assert.Equal([("DNSConfigForming", "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 1.1.1.2 1.1.1.3")], many.Warnings.Take(1));
        Assert.StartsWith("Search Line limits were exceeded, some search paths have been omitted, the applied search line is: s0 s1", many.Warnings[1].Message);
        var name = new string('x', 204); // ten of them and nine spaces are 2,049 characters
        var long_ = PodResolvConf.Of(With(new PodSpec { DnsPolicy = "None", DnsConfig = new PodDNSConfig { Nameservers = ["1.1.1.1"], Searches = [.. Enumerable.Range(0, 10).Select(i => $"{i}{name[1..]}")] } }), Cluster);
        Assert.Equal(9, long_.Text.Split('\n')[0].Split(' ').Length - 1);
    }

    [Fact]
    public void The_hosts_file_has_the_pods_name_and_its_aliases()
    {
        var text = PodFiles.Hosts(With(new PodSpec { Hostname = "web", Subdomain = "sub", HostAliases = [new HostAlias { Ip = "9.9.9.9", Hostnames = ["x", "y"] }] }), "10.244.1.2", "cluster.local");
        Assert.Contains("10.244.1.2\tweb.sub.default.svc.cluster.local\tweb\n", text);
        Assert.Contains("9.9.9.9\tx\ty\n", text);
    }

    [Fact]
    public void On_the_nodes_network_the_hosts_file_is_the_nodes_with_the_pods_aliases()
    {
        var spec = new PodSpec { HostNetwork = true, HostAliases = [new HostAlias { Ip = "9.9.9.9", Hostnames = ["x"] }] };
        Assert.Equal("# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n\n# Entries added by HostAliases.\n9.9.9.9\tx\n",
            PodFiles.Hosts(With(spec), "192.0.2.10", "cluster.local", "127.0.0.1 localhost\n"));
    }

    [Fact]
    public void SetHostnameAsFQDN_gives_the_kernel_the_whole_name_if_it_is_not_too_long()
    {
        var spec = new PodSpec { Hostname = "web", Subdomain = "sub", SetHostnameAsFQDN = true };
        Assert.Equal("web.sub.default.svc.cluster.local", PodFiles.KernelHostName(With(spec), "cluster.local"));
        Assert.Equal("web", PodFiles.KernelHostName(With(spec with { Subdomain = null }), "cluster.local"));
        Assert.Equal("web", PodFiles.KernelHostName(With(spec with { SetHostnameAsFQDN = false }), "cluster.local"));
        var error = Assert.Throws<IOException>(() => PodFiles.KernelHostName(With(spec with { Hostname = new string('w', 40) }), "cluster.local"));
        Assert.EndsWith("is too long (64 characters is the max, 70 characters requested)", error.Message);
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
