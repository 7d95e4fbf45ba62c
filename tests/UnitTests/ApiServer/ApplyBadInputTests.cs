using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>Configurations and managedFields that are damaged at random: refused or understood, never an error of the server.</summary>
[Collection(nameof(ApiServer))]
public sealed class ApplyBadInputTests(TestServer server)
{
    private const string Apply = "application/apply-patch+yaml", MergePatch = "application/merge-patch+json";

    private static readonly string[] Junk =
    [
        "null", "{}", "[]", "\"\"", "\"\\u0000\"", "-1", "1e400", "99999999999999999999", "true", "[null]", "[[]]", "[{}]", "{\"\":{}}", "[\"a\",\"a\"]", "\"1e3\"",
        "[{\"name\":\"a\"},{\"name\":\"a\"}]", "[{\"containerPort\":80},{\"containerPort\":80}]", "{\"f:a\":{}}", "[{\"manager\":\"x\"}]", "{\"f:spec\":{\"k:{\":{}}}", "{\"i:99999999999\":{}}", "{\"v:\\\"\\\\ud800\\\"\":{}}",
    ];

    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"b"},"annotations":{"c":"d"},"finalizers":["x.org/y"],"ownerReferences":[]},
        "spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}},
        "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","args":["x"],"ports":[{"containerPort":80}],"env":[{"name":"A","value":"1"}],
        "resources":{"limits":{"cpu":"1"}}}],"volumes":[{"name":"v","emptyDir":{}}]}}}}
        """;

    private const string Entries = """
        {"metadata":{"managedFields":[{"manager":"m","operation":"Apply","apiVersion":"apps/v1","time":"2030-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{},"f:x":{"k:{\"name\":\"c\"}":{".":{}}}}}}]}}
        """;

    [Fact]
    public async Task A_damaged_configuration_is_no_error_of_the_server()
    {
        var path = $"/apis/apps/v1/namespaces/{await server.Namespace()}/deployments/d";
        await server.Expect(201, HttpMethod.Patch, $"{path}?fieldManager=me", Deployment, Apply);
        var refused = 0;
        for (var seed = 0; seed < 600; seed++)
        {
            var random = new Random(seed);
            var before = await server.Expect(200, HttpMethod.Get, path);
            var body = Damaged(Deployment, random);
            using var response = await server.Send(HttpMethod.Patch, $"{path}{(seed % 5 == 0 ? "/scale" : seed % 7 == 0 ? "/status" : "")}?fieldManager=m{seed % 3}&force=true", body, Apply);
            Assert.True((int)response.StatusCode < 500, $"seed {seed}: {body}: {await response.Content.ReadAsStringAsync()}");
            if (response.IsSuccessStatusCode) continue;
            refused++;
            Assert.True(JsonNode.DeepEquals(before, await server.Expect(200, HttpMethod.Get, path)), $"seed {seed}: refused, but something changed");
        }
        Assert.True(refused > 200, $"only {refused} were refused");
    }

    [Fact]
    public async Task Damaged_entries_are_no_error_of_the_server_and_never_stay()
    {
        var path = $"/apis/apps/v1/namespaces/{await server.Namespace()}/deployments/d";
        await server.Expect(201, HttpMethod.Patch, $"{path}?fieldManager=me", Deployment, Apply);
        for (var seed = 0; seed < 400; seed++)
        {
            var body = Damaged(Entries, new Random(seed));
            using var response = await server.Send(HttpMethod.Patch, path, body, MergePatch);
            Assert.True((int)response.StatusCode < 500, $"seed {seed}: {body}: {await response.Content.ReadAsStringAsync()}");
            foreach (var entry in (await server.Expect(200, HttpMethod.Get, path))["metadata"]!["managedFields"] as JsonArray ?? [])
            {
                Assert.Equal("FieldsV1", (string?)entry!["fieldsType"]);
                Assert.NotEmpty(entry["fieldsV1"]!.AsObject());
                Assert.NotEqual("", (string?)entry["manager"] ?? "");
            }
        }
    }

    [Fact]
    public async Task An_object_does_not_grow_without_end_by_its_managers()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps/a";
        var data = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"key-{i:00000}\":\"\""));
        var config = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{{{{data}}}}}""";
        for (var i = 0; i < 20; i++)
        {
            using var response = await server.Send(HttpMethod.Patch, $"{path}?fieldManager=m{i}", config, Apply);
            if ((int)response.StatusCode == 413) return;
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }
        Assert.Fail("twenty managers of 20,000 fields each were all taken");
    }

    /// <summary>One to three values of the body replaced by junk, or fields renamed or taken away.</summary>
    private static string Damaged(string body, Random random)
    {
        var root = JsonNode.Parse(body)!;
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var places = Places(root).ToList();
            if (places.Count == 0) break;
            var (parent, key) = places[random.Next(places.Count)];
            var junk = JsonNode.Parse(Junk[random.Next(Junk.Length)]);
            if (parent is JsonArray list) list[(int)key] = junk;
            else if (random.Next(6) == 0) parent.AsObject()[$"{key}x"] = junk;
            else if (random.Next(6) == 0) parent.AsObject().Remove((string)key);
            else parent[(string)key] = junk;
        }
        return root.ToJsonString();
    }

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode? node)
    {
        if (node is JsonObject map)
            foreach (var (key, child) in map)
            {
                yield return (map, key);
                foreach (var place in Places(child)) yield return place;
            }
        if (node is JsonArray list)
            for (var i = 0; i < list.Count; i++)
            {
                yield return (list, i);
                foreach (var place in Places(list[i])) yield return place;
            }
    }
}
