using ControlPlane.ApiServer;
using ControlPlane.NodeProxy;
using Xunit;

namespace UnitTests.NodeServer;

public sealed class ProxyTargetTests
{
    [Theory]
    [InlineData("web", "http", "web", "")]
    [InlineData("web:80", "http", "web", "80")]
    [InlineData("https:web:443", "https", "web", "443")]
    [InlineData("https:web:", "https", "web", "")]
    [InlineData(":web:http", "http", "web", "http")]
    public void A_name_may_have_a_scheme_and_a_port(string text, string scheme, string name, string port) =>
        Assert.Equal(new ProxyTarget(scheme, name, port), ProxyTarget.Parse(text, "pod"));

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("web:")]
    [InlineData("ftp:web:21")]
    [InlineData("a:b:c:d")]
    public void Anything_else_is_refused(string text) => Assert.Equal(400, Assert.Throws<StatusException>(() => ProxyTarget.Parse(text, "pod")).Code);

    [Theory]
    [InlineData("/api/v1/nodes/n/proxy", "/")]
    [InlineData("/api/v1/nodes/n/proxy/", "/")]
    [InlineData("/api/v1/nodes/n/proxy/a%2Fb/?c=d%20e", "/a%2Fb/?c=d%20e")]
    [InlineData("/api/v1/nodes/proxy/proxy/x", "/x")]
    [InlineData("/api/v1/namespaces/proxy/pods/proxy/proxy/proxy/x", "/proxy/x")]
    [InlineData("/api/v1/namespaces/ns/services/https:web:443/proxy?x", "/?x")]
    public void What_follows_the_proxy_is_passed_on_as_it_was_written(string target, string path) => Assert.Equal(path, ProxiedPath.Of(target));

    [Theory]
    [InlineData("/api/v1/nodes/n/%70roxy/proxy@other.node/x")]
    [InlineData("/api/v1/nodes/n/%70roxy@other.node/x")]
    [InlineData("/api//v1/nodes/n/proxy/x")]
    [InlineData("/api/v1/nodes/n/proxyx")]
    [InlineData("/api/v1/namespaces/ns/pods/p/%70roxy")]
    public void Nobody_chooses_the_host_by_the_way_a_path_is_written(string target) => Assert.Equal(400, Assert.Throws<StatusException>(() => ProxiedPath.Of(target)).Code);

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("fd00::1", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("127.0.0.2", false)]
    [InlineData("::ffff:127.0.0.2", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("0.1.2.3", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("224.0.0.1", false)]
    public void The_control_plane_is_no_way_to_what_only_it_can_reach(string address, bool allowed) => Assert.Equal(allowed, PodHttp.IsAllowed(System.Net.IPAddress.Parse(address)));
}
