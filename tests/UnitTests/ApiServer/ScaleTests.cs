using System.Text.Json.Nodes;

namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class ScaleTests(TestServer server)
{
    [Fact]
    public async Task The_scale_of_another_object_is_refused()
    {
        var path = await Deployment();
        var scale = await server.Expect(200, HttpMethod.Get, $"{path}/scale");
        scale["spec"]!["replicas"] = 5;
        string With(string field, string value)
        {
            var other = scale.DeepClone();
            other["metadata"]![field] = value;
            return other.ToJsonString();
        }
        await server.Refused(400, "BadRequest", "the name of the object (other) does not match the name on the URL (web)", HttpMethod.Put, $"{path}/scale", With("name", "other"));
        await server.Refused(400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request", HttpMethod.Put, $"{path}/scale", With("namespace", "default"));
        await server.Refused(409, "Conflict",
            $"Operation cannot be fulfilled on deployments.apps \"web\": Precondition failed: UID in precondition: gone, UID in object meta: {scale["metadata"]!["uid"]}",
            HttpMethod.Put, $"{path}/scale", With("uid", "gone"));
        await server.Expect(409, HttpMethod.Patch, $"{path}/scale", """{"metadata":{"uid":"gone"},"spec":{"replicas":5}}""", "application/merge-patch+json");
        Assert.Equal(2, (int?)(await server.Expect(200, HttpMethod.Get, path))["spec"]!["replicas"]);
        await server.Expect(200, HttpMethod.Put, $"{path}/scale", scale.ToJsonString());
        Assert.Equal(5, (int?)(await server.Expect(200, HttpMethod.Get, path))["spec"]!["replicas"]);
    }

    [Fact]
    public async Task A_scale_is_shown_in_columns_of_its_own()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{await Deployment()}/scale");
        request.Headers.TryAddWithoutValidation("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        using var response = await server.Admin.SendAsync(request);
        var table = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal("Table", (string?)table["kind"]);
        Assert.Equal(["Name", "Desired", "Available", "Age"], table["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!));
        var row = table["rows"]![0]!;
        Assert.Equal("[\"web\",2,0]", new JsonArray(row["cells"]!.AsArray().Take(3).Select(cell => cell!.DeepClone()).ToArray()).ToJsonString());
        Assert.Equal("web", (string?)row["object"]!["metadata"]!["name"]);
    }

    private async Task<string> Deployment()
    {
        var path = $"/apis/apps/v1/namespaces/{await server.Namespace()}/deployments";
        await server.Expect(201, HttpMethod.Post, path, """
            {"metadata":{"name":"web"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        return $"{path}/web";
    }
}
