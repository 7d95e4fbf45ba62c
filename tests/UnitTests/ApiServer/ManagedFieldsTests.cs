using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>metadata.managedFields under the verbs other than apply.</summary>
[Collection(nameof(ApiServer))]
public sealed class ManagedFieldsTests(TestServer server)
{
    private const string MergePatch = "application/merge-patch+json", JsonPatch = "application/json-patch+json";

    [Fact]
    public async Task A_created_object_says_who_set_what()
    {
        var path = await Maps();
        var entry = Assert.Single(Entries(await server.Expect(201, HttpMethod.Post, $"{path}?fieldManager=me", """{"metadata":{"name":"a","labels":{"x":"1"}},"data":{"k":"v"}}""")));
        Assert.Equal("""{"manager":"me","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:x":{}}}}}""", Timeless(entry));
        Assert.Matches("^[0-9-]{10}T[0-9:]{8}Z$", (string)entry!["time"]!);
    }

    [Fact]
    public async Task Without_the_parameter_the_user_agent_names_the_manager()
    {
        var path = await Maps();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("""{"metadata":{"name":"a"},"data":{"k":"v"}}""") };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "robot/v1.2 (linux/amd64)");
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal("robot", (string?)Assert.Single(Entries(JsonNode.Parse(await response.Content.ReadAsStringAsync())!))!["manager"]);
    }

    [Fact]
    public async Task Who_changes_a_field_takes_it_and_what_is_removed_is_nobodys()
    {
        var path = await Maps();
        await server.Expect(201, HttpMethod.Post, $"{path}?fieldManager=one", """{"metadata":{"name":"a"},"data":{"a":"1","b":"2","c":"3"}}""");
        var changed = await server.Expect(200, HttpMethod.Patch, $"{path}/a?fieldManager=two", """{"data":{"a":"x","b":null,"d":"4"}}""", MergePatch);
        Assert.Equal(["one {\"f:data\":{\".\":{},\"f:c\":{}}}", "two {\"f:data\":{\"f:a\":{},\"f:d\":{}}}"], Owners(changed));
        changed = await server.Expect(200, HttpMethod.Put, $"{path}/a?fieldManager=three", """{"metadata":{"name":"a"},"data":{"c":"y"}}""");
        Assert.Equal(["one {\"f:data\":{}}", "three {\"f:data\":{\"f:c\":{}}}"], Owners(changed));
    }

    [Fact]
    public async Task A_write_that_changes_nothing_changes_no_owner()
    {
        var path = await Maps();
        var created = await server.Expect(201, HttpMethod.Post, $"{path}?fieldManager=one", """{"metadata":{"name":"a"},"data":{"a":"1"}}""");
        var put = await server.Expect(200, HttpMethod.Put, $"{path}/a?fieldManager=two", """{"metadata":{"name":"a"},"data":{"a":"1"}}""");
        Assert.True(JsonNode.DeepEquals(created, put));
    }

    [Fact]
    public async Task Status_and_scale_have_entries_of_their_own()
    {
        var path = $"/apis/apps/v1/namespaces/{await server.Namespace()}/replicasets";
        await server.Expect(201, HttpMethod.Post, $"{path}?fieldManager=one", """
            {"metadata":{"name":"r"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}]}]}}},"status":{"replicas":9}}
            """);
        await server.Expect(200, HttpMethod.Patch, $"{path}/r/status?fieldManager=ctl", """{"status":{"replicas":1}}""", MergePatch);
        await server.Expect(200, HttpMethod.Patch, $"{path}/r/scale?fieldManager=hpa", """{"spec":{"replicas":2}}""", MergePatch);
        var entries = Entries(await server.Expect(200, HttpMethod.Get, $"{path}/r"));
        Assert.Equal([(null, "one"), ("status", "ctl"), ("scale", "hpa")], entries.Select(entry => ((string?)entry!["subresource"], (string)entry["manager"]!)).OrderBy(pair => pair.Item2 == "one" ? 0 : pair.Item2 == "ctl" ? 1 : 2));
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", Fields(entries, "hpa"));
        Assert.Equal("""{"f:status":{"f:replicas":{}}}""", Fields(entries, "ctl"));
        var first = JsonNode.Parse(Fields(entries, "one"))!;
        Assert.Null(first["f:status"]);
        Assert.Null(first["f:spec"]!["f:replicas"]);
        Assert.NotNull(first["f:spec"]!["f:selector"]);
        Assert.NotNull(first["f:spec"]!["f:template"]!["f:spec"]!["f:containers"]!["k:{\"name\":\"c\"}"]!["f:ports"]!["k:{\"containerPort\":80,\"protocol\":\"TCP\"}"]!["f:protocol"]);
    }

    [Fact]
    public async Task A_list_of_one_empty_entry_resets_and_an_empty_list_does_not()
    {
        var path = await Maps();
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"},"data":{"a":"1"}}""");
        Assert.Single(Entries(await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"metadata":{"managedFields":[]}}""", MergePatch)));
        Assert.Empty(Entries(await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"metadata":{"managedFields":[{}]}}""", MergePatch)));
        // Nobody keeps account of it from then on.
        Assert.Empty(Entries(await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"data":{"b":"2"}}""", MergePatch)));
    }

    [Fact]
    public async Task A_client_may_rewrite_the_entries_but_not_with_nonsense()
    {
        var path = await Maps();
        var created = await server.Expect(201, HttpMethod.Post, $"{path}?fieldManager=one", """{"metadata":{"name":"a"},"data":{"a":"1"}}""");
        foreach (var nonsense in new[] { """[{"manager":"x","operation":"Steal","apiVersion":"v1","fieldsType":"FieldsV1"}]""", """[{"manager":"x","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"q":1}}]""" })
            Assert.True(JsonNode.DeepEquals(created, await server.Expect(200, HttpMethod.Patch, $"{path}/a", $$$"""{"metadata":{"managedFields":{{{nonsense}}}}}""", MergePatch)));
        var rewritten = await server.Expect(200, HttpMethod.Patch, $"{path}/a", """
            [{"op":"replace","path":"/metadata/managedFields","value":[{"manager":"other","operation":"Apply","apiVersion":"v1","time":"2020-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:a":{}}}}]}]
            """, JsonPatch);
        Assert.Equal(["other {\"f:data\":{\"f:a\":{}}}"], Owners(rewritten));
        Assert.NotEqual((string?)created["metadata"]!["resourceVersion"], (string?)rewritten["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Of_many_managers_the_oldest_become_one()
    {
        var path = await Maps();
        await server.Expect(201, HttpMethod.Post, $"{path}?fieldManager=m00", """{"metadata":{"name":"a"},"data":{"k00":"1"}}""");
        JsonNode? last = null;
        for (var i = 1; i < 15; i++)
            last = await server.Expect(200, HttpMethod.Patch, $"{path}/a?fieldManager=m{i:00}", $$$"""{"data":{"k{{{i:00}}}":"1"}}""", MergePatch);
        var entries = Entries(last!);
        Assert.Equal(10, entries.Count);
        Assert.Contains("\"f:k00\"", Fields(entries, "ancient-changes"));
        Assert.Equal(15, entries.Sum(entry => ((JsonObject)entry!["fieldsV1"]!["f:data"]!).Count(field => field.Key != ".")));
    }

    [Fact]
    public async Task A_manager_that_is_no_name_is_refused()
    {
        var path = await Maps();
        await server.Refused(422, "Invalid", $"CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes",
            HttpMethod.Post, $"{path}?fieldManager={new string('x', 129)}", """{"metadata":{"name":"a"}}""");
        await server.Refused(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch",
            HttpMethod.Patch, $"{path}/a?force=true", "{}", MergePatch);
    }

    private async Task<string> Maps() => $"/api/v1/namespaces/{await server.Namespace()}/configmaps";

    private static JsonArray Entries(JsonNode obj) => obj["metadata"]!["managedFields"] as JsonArray ?? [];

    private static List<string> Owners(JsonNode obj) => Entries(obj).Select(entry => $"{entry!["manager"]} {entry["fieldsV1"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}").Order().ToList();

    private static string Fields(JsonArray entries, string manager) =>
        entries.Single(entry => (string?)entry!["manager"] == manager)!["fieldsV1"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static string Timeless(JsonNode? entry)
    {
        var copy = (JsonObject)entry!.DeepClone();
        copy.Remove("time");
        return copy.ToJsonString();
    }
}
