using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>
/// What two kubectls sent, byte for byte (Golden/kubectl-requests.json, from <c>kubectl -v=10</c> against this server):
/// each request is answered as it was, with the objects that the commands ask for.
/// </summary>
[Collection(nameof(ApiServer))]
public sealed class RecordedRequestTests(TestServer server)
{
    private static readonly JsonArray Recorded = Read();

    [Theory]
    [InlineData("1.20.2", "gg-old")]
    [InlineData("1.32.4", "gg-new")]
    public async Task Recorded_requests_are_answered_as_they_were(string kubectl, string ns)
    {
        await server.Expect(201, HttpMethod.Post, "/api/v1/namespaces", "{\"metadata\":{\"name\":\"" + ns + "\"}}");
        var requests = Recorded.Where(request => (string)request!["kubectl"]! == kubectl).ToList();
        Assert.True(requests.Count > 20);
        foreach (var request in requests)
        {
            var body = request!["hex"] is { } hex ? Convert.FromHexString((string)hex!) : Encoding.UTF8.GetBytes((string)request["text"]!);
            using var response = await server.SendBytes(new HttpMethod((string)request["method"]!), (string)request["path"]!, body, (string)request["type"]!);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)request["code"]! == (int)response.StatusCode, $"{request["command"]}: {text}");
            foreach (var (path, value) in request["answer"]!.AsObject())
                Assert.True(JsonNode.DeepEquals(value, Find(JsonNode.Parse(text), path)), $"{request["command"]}: {path} is not {value?.ToJsonString() ?? "absent"}: {text}");
        }
    }

    private static JsonNode? Find(JsonNode? node, string path) => path.Split('.').Aggregate(node, (inner, step) => inner switch
    {
        JsonArray list => int.Parse(step) is var index && index < list.Count ? list[index] : null,
        JsonObject map => map[step],
        _ => null,
    });

    private static JsonArray Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("kubectl-requests.json")!;
        return JsonNode.Parse(stream)!.AsArray();
    }
}
