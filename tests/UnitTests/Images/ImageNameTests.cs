using NodeAgent.Images;

namespace UnitTests.Images;

public class ImageNameTests
{
    [Theory]
    [InlineData("nginx", "docker.io/library/nginx:latest")]
    [InlineData("nginx:1.27", "docker.io/library/nginx:1.27")]
    [InlineData("radial/busyboxplus:curl", "docker.io/radial/busyboxplus:curl")]
    [InlineData("docker.io/nginx", "docker.io/library/nginx:latest")]
    [InlineData("index.docker.io/library/nginx", "docker.io/library/nginx:latest")]
    [InlineData("localhost/x", "localhost/x:latest")]
    [InlineData("localhost:5000/a/b_c", "localhost:5000/a/b_c:latest")]
    [InlineData("registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9")]
    public void A_short_name_gets_its_registry_and_tag(string text, string full) => Assert.Equal(full, ImageName.Parse(text).ToString());

    [Fact]
    public void A_digest_wins_over_a_tag()
    {
        var digest = "sha256:" + new string('a', 64);
        Assert.Equal($"docker.io/library/nginx@{digest}", ImageName.Parse($"nginx:1@{digest}").ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Nginx")]
    [InlineData("a//b")]
    [InlineData("nginx:")]
    [InlineData("nginx:a b")]
    [InlineData("nginx@sha256:12")]
    [InlineData("../etc")]
    [InlineData("nginx;rm")]
    public void What_is_no_name_is_refused(string text) => Assert.Throws<FormatException>(() => ImageName.Parse(text));
}
