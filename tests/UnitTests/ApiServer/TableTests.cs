using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class TableTests(TestServer server)
{
    /// <summary>As kubectl sends it.</summary>
    private const string Accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

    [Fact]
    public async Task A_list_and_a_single_object_become_rows()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        Assert.Empty((await Table(path))["rows"]!.AsArray());
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a","labels":{"l":"v"}},"data":{"x":"1","y":"2"}}""");
        foreach (var address in new[] { path, $"{path}/a" })
        {
            var table = await Table(address);
            Assert.Equal("Table", (string?)table["kind"]);
            Assert.Equal("meta.k8s.io/v1", (string?)table["apiVersion"]);
            Assert.Equal(["Name", "Data", "Age"], table["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!));
            var row = table["rows"]!.AsArray().Single()!;
            Assert.Equal("a", (string?)row["cells"]![0]);
            Assert.Equal("2", row["cells"]![1]!.ToJsonString().Trim('"'));
            Assert.Equal("PartialObjectMetadata", (string?)row["object"]!["kind"]);
            Assert.Equal("v", (string?)row["object"]!["metadata"]!["labels"]!["l"]);
        }
    }

    [Fact]
    public async Task Rows_carry_as_much_of_the_object_as_asked()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"},"data":{"x":"1"}}""");
        Assert.Equal("1", (string?)(await Table($"{path}?includeObject=Object"))["rows"]![0]!["object"]!["data"]!["x"]);
        Assert.Null((await Table($"{path}?includeObject=None"))["rows"]![0]!["object"]);
        Assert.Equal("BadRequest", (string?)(await Table($"{path}?includeObject=Some"))["reason"]);
    }

    [Fact]
    public async Task An_error_is_a_Status_also_for_those_who_want_a_Table()
    {
        Assert.Equal("NotFound", (string?)(await Table("/api/v1/namespaces/default/configmaps/missing"))["reason"]);
    }

    [Fact]
    public async Task Long_answers_are_compressed_for_those_who_can_read_it_and_indented_for_people()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"},"data":{"x":"TEXT"}}""".Replace("TEXT", new string('x', 200_000)));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var plain = new System.IO.Compression.GZipStream(await response.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        Assert.Equal("ConfigMapList", (string?)JsonNode.Parse(plain)!["kind"]);

        using var pretty = await server.Send(HttpMethod.Get, $"/api/v1/namespaces/default?pretty=true");
        Assert.StartsWith("{\n  \"kind\": \"Namespace\",\n", await pretty.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> Table(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", Accept);
        using var response = await server.Admin.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }
}
