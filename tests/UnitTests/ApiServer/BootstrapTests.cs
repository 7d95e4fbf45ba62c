using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>What no cluster can be without.</summary>
public sealed class BootstrapTests : IAsyncLifetime
{
    private readonly TestServer server = new();

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task What_is_deleted_or_altered_comes_back()
    {
        const string service = "/api/v1/namespaces/default/services/kubernetes", endpoints = "/api/v1/namespaces/default/endpoints/kubernetes",
            slice = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";
        string[] all = [service, endpoints, slice];
        var before = new List<JsonNode>();
        foreach (var path in all) before.Add(await server.Expect(200, HttpMethod.Get, path));
        foreach (var path in all) await server.Expect(200, HttpMethod.Delete, path);
        for (var i = 0; i < all.Length; i++)
        {
            var found = await Until(all[i], found => found is not null);
            foreach (var part in (string[])["subsets", "endpoints", "ports"]) Assert.True(JsonNode.DeepEquals(before[i][part], found![part]), $"{found}");
        }
        await server.Expect(200, HttpMethod.Patch, endpoints, """{"subsets":[{"addresses":[{"ip":"192.0.2.9"}],"ports":[{"port":1}]}]}""", "application/merge-patch+json");
        await Until(endpoints, found => (string?)found!["subsets"]![0]!["addresses"]![0]!["ip"] == "192.0.2.1");
    }

    private async Task<JsonNode?> Until(string path, Func<JsonNode?, bool> wanted)
    {
        for (var attempt = 0; attempt < 600; attempt++, await Task.Delay(100))
        {
            using var answer = await server.Admin.GetAsync(new Uri(path, UriKind.Relative));
            var found = answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync()) : null;
            if (wanted(found)) return found;
        }
        throw new TimeoutException($"{path} did not come back");
    }
}
