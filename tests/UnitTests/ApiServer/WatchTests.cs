using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class WatchTests(TestServer server)
{
    private const string MergePatch = "application/merge-patch+json";

    [Fact]
    public async Task A_watch_from_a_list_sees_what_comes_after_it()
    {
        var path = await Maps();
        await Create(path, "before");
        var revision = (string)(await server.Expect(200, HttpMethod.Get, path))["metadata"]!["resourceVersion"]!;
        await Create(path, "a");
        await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"data":{"x":"1"}}""", MergePatch);
        await server.Expect(200, HttpMethod.Delete, $"{path}/a");
        var events = await Take(3, $"{path}?watch=true&resourceVersion={revision}");
        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a"], events.Select(Describe));
        var revisions = events.Select(e => long.Parse((string)e["object"]!["metadata"]!["resourceVersion"]!)).ToList();
        Assert.Equal(revisions.Order(), revisions);
        Assert.Equal(3, revisions.Distinct().Count());
        Assert.Equal("ConfigMap", (string?)events[0]["object"]!["kind"]);
    }

    [Fact]
    public async Task A_watch_without_a_revision_begins_with_what_is_there()
    {
        var path = await Maps();
        await Create(path, "a");
        await Create(path, "b");
        Assert.Equal(["ADDED a", "ADDED b"], (await Take(2, $"{path}?watch=true")).Select(Describe));
        Assert.Equal(["ADDED b"], (await Take(1, $"{path}?watch=1&resourceVersion=0&fieldSelector=metadata.name%3Db")).Select(Describe));
    }

    [Fact]
    public async Task What_starts_to_match_is_added_and_what_stops_is_deleted()
    {
        var path = await Maps();
        var revision = await Create(path, "a");
        await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"metadata":{"labels":{"l":"x"}}}""", MergePatch);
        await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"data":{"k":"v"}}""", MergePatch);
        await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"metadata":{"labels":{"l":"y"}}}""", MergePatch);
        await server.Expect(200, HttpMethod.Delete, $"{path}/a");
        await Create(path, "b", "x");
        var events = await Take(4, $"{path}?watch=true&labelSelector=l%3Dx&resourceVersion={revision}");
        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a", "ADDED b"], events.Select(Describe));
    }

    [Fact]
    public async Task A_watch_list_marks_the_end_of_the_present()
    {
        var path = await Maps();
        await Create(path, "a");
        var events = await Take(2, $"{path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=60");
        Assert.Equal("ADDED a", Describe(events[0]));
        Assert.Equal("BOOKMARK", (string?)events[1]["type"]);
        Assert.Equal("true", (string?)events[1]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
    }

    [Fact]
    public async Task A_watch_ends_after_its_time()
    {
        Assert.Empty(await Take(1, $"{await Maps()}?watch=true&timeoutSeconds=1"));
    }

    [Fact]
    public async Task A_forgotten_revision_is_an_error_event()
    {
        // History begins with the server, so that nothing before its first revision is known.
        await using var other = new Server();
        await other.Restart();
        var events = await other.First("/api/v1/configmaps?watch=true&resourceVersion=1");
        Assert.Equal("ERROR", (string?)events["type"]);
        Assert.Equal(410, (int?)events["object"]!["code"]);
        Assert.Equal("Expired", (string?)events["object"]!["reason"]);
        Assert.StartsWith("too old resource version: 1 (", (string?)events["object"]!["message"]);
    }

    [Fact]
    public async Task Rows_of_a_watched_table_have_their_columns_once()
    {
        var path = await Maps();
        await Create(path, "a");
        await Create(path, "b");
        var events = new List<JsonNode>();
        await foreach (var e in server.Watch($"{path}?watch=true", "application/json;as=Table;v=v1;g=meta.k8s.io"))
        {
            events.Add(e);
            if (events.Count == 2) break;
        }
        Assert.Equal("Name", (string?)events[0]["object"]!["columnDefinitions"]![0]!["name"]);
        Assert.Null(events[1]["object"]!["columnDefinitions"]);
        Assert.Equal("b", (string?)events[1]["object"]!["rows"]![0]!["cells"]![0]);
        Assert.Equal("PartialObjectMetadata", (string?)events[1]["object"]!["rows"]![0]!["object"]!["kind"]);
    }

    [Fact]
    public async Task What_stops_to_match_goes_as_it_was()
    {
        var path = await Maps();
        var revision = await Create(path, "a", "x");
        var changed = await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"metadata":{"labels":{"l":"y"}},"data":{"k":"v"}}""", MergePatch);
        var gone = (await Take(1, $"{path}?watch=true&labelSelector=l%3Dx&resourceVersion={revision}"))[0];
        Assert.Equal("DELETED a", Describe(gone));
        Assert.Equal("x", (string?)gone["object"]!["metadata"]!["labels"]!["l"]);
        Assert.Null(gone["object"]!["data"]);
        Assert.Equal((string?)changed["metadata"]!["resourceVersion"], (string?)gone["object"]!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task A_watch_can_do_without_the_present()
    {
        var path = await Maps();
        await Create(path, "a");
        var first = Take(1, $"{path}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        for (var i = 0; i < 200 && !first.IsCompleted; i++) // until the watch has begun
        {
            await Create(path, $"later-{i}");
            await Task.WhenAny(first, Task.Delay(50));
        }
        Assert.StartsWith("ADDED later-", Describe((await first)[0]));
    }

    [Fact]
    public async Task Rows_that_are_to_include_what_there_is_not_are_refused_before_the_stream_begins()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{await Maps()}?watch=true&includeObject=Everything");
        request.Headers.TryAddWithoutValidation("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(400, (int)response.StatusCode);
    }

    private static string Describe(JsonNode e) => $"{(string?)e["type"]} {(string?)e["object"]!["metadata"]!["name"]}";

    private async Task<List<JsonNode>> Take(int count, string path)
    {
        var events = new List<JsonNode>();
        await foreach (var e in server.Watch(path))
        {
            events.Add(e);
            if (events.Count == count) break;
        }
        return events;
    }

    private async Task<string> Maps() => $"/api/v1/namespaces/{await server.Namespace()}/configmaps";

    private async Task<string> Create(string path, string name, string label = "none") =>
        (string)(await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"NAME","labels":{"l":"LABEL"}}}""".Replace("NAME", name).Replace("LABEL", label)))["metadata"]!["resourceVersion"]!;

    /// <summary>A server that can be stopped and started again on its files.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly TemporaryDirectory directory = new();

        private Task<ControlPlane.ControlPlaneHost> Start() => ControlPlane.ControlPlaneHost.Start(
            new ControlPlane.ControlPlaneOptions(directory.Path, new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), null, System.Net.IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16"),
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, CancellationToken.None);

        public async Task Restart() => await (await Start()).DisposeAsync();

        public async Task<JsonNode> First(string path)
        {
            await using var host = await Start();
            using var client = new HttpClient(host.Authority.CreateKubeconfig($"https://127.0.0.1:{host.Address.Port}", "admin", "system:masters").CreateHandler());
            using var lines = new StreamReader(await client.GetStreamAsync($"https://127.0.0.1:{host.Address.Port}{path}"));
            return JsonNode.Parse((await lines.ReadLineAsync())!)!;
        }

        public ValueTask DisposeAsync()
        {
            directory.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
