namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class HealthTests(TestServer server)
{
    [Theory]
    [InlineData("/livez", "ok")]
    [InlineData("/livez?verbose", "[+]ping ok\nlivez check passed\n")]
    [InlineData("/healthz?verbose", "[+]ping ok\nhealthz check passed\n")]
    [InlineData("/readyz?verbose", "[+]ping ok\n[+]bootstrap ok\nreadyz check passed\n")]
    [InlineData("/readyz?verbose&exclude=bootstrap&exclude=etcd", "[+]ping ok\n[+]bootstrap excluded: ok\nwarn: some health checks cannot be excluded: no matches for \"etcd\"\nreadyz check passed\n")]
    [InlineData("/readyz/ping", "ok")]
    [InlineData("/livez/ping", "ok")]
    [InlineData("/healthz/ping", "ok")]
    public async Task Health_is_told_as_a_word_or_check_by_check(string path, string text) => Assert.Equal(text, await server.Admin.GetStringAsync(path));

    [Fact]
    public async Task Everybody_may_ask_for_health_and_only_those_who_are_allowed_for_its_checks()
    {
        using var anonymous = server.Anonymous();
        Assert.Equal("ok", await anonymous.GetStringAsync("/readyz"));
        using var refused = await anonymous.GetAsync("/readyz/ping");
        Assert.Equal(403, (int)refused.StatusCode);
        using var unknown = await server.Admin.GetAsync("/livez/etcd");
        Assert.Equal(404, (int)unknown.StatusCode);
    }

    [Fact]
    public async Task The_root_lists_the_paths_for_those_who_may_know()
    {
        var paths = (await server.Expect(200, HttpMethod.Get, "/"))["paths"]!.AsArray().Select(path => (string)path!).ToList();
        Assert.Equal(paths.Order(StringComparer.Ordinal).Distinct(), paths);
        Assert.Superset(new HashSet<string> { "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/livez/ping", "/openapi/v3", "/version" }, paths.ToHashSet());
        foreach (var path in paths)
        {
            using var response = await server.Admin.GetAsync(path);
            Assert.True((int)response.StatusCode == 200, $"{path}: {response.StatusCode}");
        }
        using var anonymous = server.Anonymous();
        await server.Expect(403, HttpMethod.Get, "/", client: anonymous);
    }
}
