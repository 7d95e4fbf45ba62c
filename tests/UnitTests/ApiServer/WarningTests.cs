namespace UnitTests.ApiServer;

/// <summary>Kubernetes' own warnings, as they come with an answer.</summary>
[Collection(nameof(ApiServer))]
public sealed class WarningTests(TestServer server)
{
    [Fact]
    public async Task A_name_that_makes_a_strange_hostname_is_warned_of_when_it_is_given()
    {
        var ns = await server.Namespace();
        const string label = "a DNS label is recommended: [a lowercase RFC 1123 label must consist of";
        const string pod = """{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}""";
        var warnings = await Warnings(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"a.b"},"spec":POD}""".Replace("POD", pod));
        Assert.Contains($"metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; {label}", Assert.Single(warnings));
        Assert.Empty(await Warnings(HttpMethod.Patch, $"/api/v1/namespaces/{ns}/pods/a.b", """{"metadata":{"labels":{"a":"b"}}}"""));
        warnings = await Warnings(HttpMethod.Post, $"/apis/batch/v1/namespaces/{ns}/jobs", """{"metadata":{"name":"a.b"},"spec":{"template":{"spec":POD}}}""".Replace("POD", pod));
        Assert.Contains($"metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; {label}", Assert.Single(warnings));
    }

    [Fact]
    public async Task Endpoints_are_deprecated_to_those_who_write_them()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/endpoints";
        Assert.Equal("299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\"",
            Assert.Single(await Warnings(HttpMethod.Post, path, """{"metadata":{"name":"e"}}""")));
        Assert.Empty(await Warnings(HttpMethod.Get, path));
    }

    [Fact]
    public async Task Affinity_to_a_headless_Service_is_warned_of() => Assert.Equal("299 - \"spec.SessionAffinity is ignored for headless services\"", Assert.Single(await Warnings(
        HttpMethod.Post, $"/api/v1/namespaces/{await server.Namespace()}/services", """{"metadata":{"name":"s"},"spec":{"clusterIP":"None","sessionAffinity":"ClientIP","ports":[{"port":1}]}}""")));

    private async Task<IEnumerable<string>> Warnings(HttpMethod method, string path, string? body = null)
    {
        using var response = await server.Send(method, path, body, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return response.Headers.TryGetValues("Warning", out var values) ? values.ToList() : [];
    }
}
