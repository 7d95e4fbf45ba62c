using System.Net;
using System.Text.Json.Nodes;
using ControlPlane.ApiServer;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>OpenAPI and aggregated discovery over HTTP: forms, versions of documents, conditional requests.</summary>
[Collection(nameof(ApiServer))]
public sealed class OpenApiTests(TestServer server)
{
    private const string V2 = "/openapi/v2?timeout=32s", Protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData(Protobuf, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")]
    [InlineData("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")]
    [InlineData("application/json;q=0.1," + Protobuf, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")]
    public async Task Version_2_comes_in_the_form_that_is_asked_for(string? accept, string type)
    {
        using var response = await Get(V2, accept);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
        Assert.Contains("Accept", response.Headers.Vary);
        var body = await response.Content.ReadAsByteArrayAsync();
        if (type == "application/json") Assert.Equal("2.0", (string?)JsonNode.Parse(body)!["swagger"]);
        else Assert.Equal("2.0", FirstText(body));
    }

    [Theory]
    [InlineData("/openapi/v2", "application/xml")]
    [InlineData("/openapi/v2", "application/json;q=0")]
    [InlineData("/openapi/v3", "text/html")]
    [InlineData("/openapi/v3/apis/apps/v1", Protobuf)]
    public async Task A_form_that_there_is_none_of_is_not_acceptable(string path, string accept) =>
        Assert.Equal(HttpStatusCode.NotAcceptable, (await Get(path, accept)).StatusCode);

    [Theory]
    [InlineData(V2, "application/json")]
    [InlineData(V2, Protobuf)]
    [InlineData("/openapi/v3/api/v1", null)]
    [InlineData("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")]
    public async Task A_document_that_the_client_has_is_not_sent_again(string path, string? accept)
    {
        using var first = await Get(path, accept);
        var tag = first.Headers.ETag!.ToString();
        using var same = await Get(path, accept, $"\"other\", {tag}");
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Empty(await same.Content.ReadAsByteArrayAsync());
        Assert.Equal(tag, same.Headers.ETag!.ToString());
        using var other = await Get(path, accept, "\"other\"");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_client_that_reads_gzip_gets_the_same_document_compressed()
    {
        var plain = await server.Admin.GetByteArrayAsync(V2);
        using var request = new HttpRequestMessage(HttpMethod.Get, V2);
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var gzip = new System.IO.Compression.GZipStream(await response.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        var unpacked = new MemoryStream();
        await gzip.CopyToAsync(unpacked);
        Assert.Equal(plain, unpacked.ToArray());
    }

    [Fact]
    public async Task Version_3_has_one_document_for_each_group_version_under_an_address_that_may_be_kept()
    {
        var paths = (await server.Expect(200, HttpMethod.Get, "/openapi/v3"))["paths"]!.AsObject();
        Assert.Contains("api/v1", paths.Select(path => path.Key));
        Assert.Contains("apis/apps/v1", paths.Select(path => path.Key));
        foreach (var (place, entry) in paths)
        {
            var address = (string)entry!["serverRelativeURL"]!;
            using var response = await Get(address, "application/json");
            Assert.True(response.Headers.CacheControl!.Public);
            Assert.NotNull(response.Content.Headers.Expires);
            var document = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            Assert.All(document["paths"]!.AsObject(), path => Assert.StartsWith($"/{place}/", path.Key));
            using var outdated = await Get($"/openapi/v3/{place}?hash=0", "application/json");
            Assert.Equal(document.ToJsonString(), JsonNode.Parse(await outdated.Content.ReadAsStringAsync())!.ToJsonString());
            Assert.Equal(address, outdated.RequestMessage!.RequestUri!.PathAndQuery); // was sent on
        }
        Assert.Equal(HttpStatusCode.NotFound, (await Get("/openapi/v3/apis/none/v1", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Get("/openapi/v4", null)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Send(HttpMethod.Post, "/openapi/v2", "{}")).StatusCode);
    }

    [Theory]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", "v2")]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", "v2beta1")]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,application/json", null)]
    [InlineData("application/json,application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", null)]
    [InlineData(null, null)]
    public async Task Discovery_is_aggregated_for_those_who_ask_for_it(string? accept, string? version)
    {
        using var response = await Get("/apis", accept);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(version is null ? "application/json" : $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList", response.Content.Headers.ContentType!.ToString().Replace(" ", ""));
        Assert.Equal(version is null ? "APIGroupList" : "APIGroupDiscoveryList", (string?)body["kind"]);
        if (version is not null) Assert.Equal($"apidiscovery.k8s.io/{version}", (string?)body["apiVersion"]);
    }

    [Fact]
    public async Task Aggregated_discovery_says_what_the_plain_one_says()
    {
        foreach (var root in new[] { "/api", "/apis" })
        {
            var list = JsonNode.Parse(await (await Get(root, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")).Content.ReadAsStringAsync())!;
            foreach (var group in list["items"]!.AsArray())
                foreach (var version in group!["versions"]!.AsArray())
                {
                    var place = group["metadata"]!["name"] is { } name ? $"/apis/{name}/{version!["version"]}" : $"/api/{version!["version"]}";
                    var plain = (await server.Expect(200, HttpMethod.Get, place))["resources"]!.AsArray();
                    Assert.Equal(plain.Select(Plain).Order(), version["resources"]!.AsArray().SelectMany(Aggregated).Order());
                }
        }
    }

    private static string Plain(JsonNode? resource) => $"{resource!["name"]} {resource["kind"]} {resource["namespaced"]} {string.Join(',', resource["verbs"]!.AsArray())}";

    private static IEnumerable<string> Aggregated(JsonNode? resource)
    {
        var namespaced = (string?)resource!["scope"] == "Namespaced" ? "true" : "false";
        yield return $"{resource["resource"]} {resource["responseKind"]!["kind"]} {namespaced} {string.Join(',', resource["verbs"]!.AsArray())}";
        foreach (var part in resource["subresources"]?.AsArray() ?? [])
            yield return $"{resource["resource"]}/{part!["subresource"]} {part["responseKind"]!["kind"]} {namespaced} {string.Join(',', part["verbs"]!.AsArray())}";
    }

    private static string FirstText(byte[] message)
    {
        var reader = new ProtobufReader(message);
        Assert.True(reader.Next(out var number, out var value));
        Assert.Equal(1, number);
        return value.Text;
    }

    private async Task<HttpResponseMessage> Get(string path, string? accept, string? ifNoneMatch = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        if (ifNoneMatch is not null) request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await server.Admin.SendAsync(request);
    }
}
