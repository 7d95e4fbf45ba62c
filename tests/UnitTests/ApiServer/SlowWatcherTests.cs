using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>A watcher that does not read is given up, and what waits for it with it.</summary>
public sealed class SlowWatcherTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps", MergePatch = "application/merge-patch+json";
    private const int Changes = 45, Size = 900_000; // more than a watcher's buffer (16 MB) and those of both sockets

    private readonly TestServer server = new();

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_watcher_that_reads_too_late_is_told_410_and_one_that_never_reads_is_cut_off()
    {
        await server.Expect(201, HttpMethod.Post, Maps, """{"metadata":{"name":"big"}}""");
        using var late = await Watch();
        using var never = await Watch();
        for (var i = 0; i < Changes; i++)
            await server.Expect(200, HttpMethod.Patch, $"{Maps}/big", new JsonObject { ["data"] = new JsonObject { ["x"] = new string((char)('a' + i % 26), Size) } }.ToJsonString(), MergePatch);

        var last = await LastEvent(late);
        Assert.Equal("ERROR", (string?)last!["type"]);
        Assert.Equal(410, (int?)last["object"]!["code"]);
        Assert.Equal("Expired", (string?)last["object"]!["reason"]);

        await Task.Delay(TimeSpan.FromSeconds(11)); // the patience that the server has
        await Assert.ThrowsAnyAsync<Exception>(async () => Assert.Equal("ERROR", (string?)(await LastEvent(never))!["type"]));
        await server.Expect(200, HttpMethod.Get, $"{Maps}/big");
    }

    private async Task<HttpResponseMessage> Watch()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Maps}?watch=true&resourceVersion=0") { Version = HttpVersion.Version11 };
        return await server.Admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<JsonNode?> LastEvent(HttpResponseMessage watch)
    {
        using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(), Encoding.UTF8);
        string? last = null;
        while (await lines.ReadLineAsync() is { } line) last = line;
        return JsonNode.Parse(last!);
    }
}
