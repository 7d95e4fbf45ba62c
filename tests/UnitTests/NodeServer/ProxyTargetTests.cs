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
}
