namespace UnitTests.ApiServer;

/// <summary>What is wrong with a patch itself (KEP-2885), and in which words it is told.</summary>
[Collection(nameof(ApiServer))]
public sealed class PatchValidationTests(TestServer server)
{
    private const string Merge = "application/merge-patch+json", Strategic = "application/strategic-merge-patch+json", Json = "application/json-patch+json";

    [Theory]
    [InlineData(Merge, """{"data":{"q":"3","q":"4"}}""", "duplicate field \"data.q\"")]
    [InlineData(Strategic, """{"data":{"q":"3","q":"4"}}""", "duplicate field \"data.q\"")]
    [InlineData(Merge, """{"data":{"q":"3","q":"4"},"foo":1}""", "duplicate field \"data.q\"|unknown field \"foo\"")]
    [InlineData(Json, """[{"op":"add","op":"add","path":"/data/q","value":"4"}]""", "json patch duplicate field \"[0].op\"")]
    [InlineData(Json, """[{"op":"add","path":"/data/q","value":"4","foo":1}]""", "json patch unknown field \"[0].foo\"")]
    public async Task What_a_patch_says_twice_or_in_vain_is_refused_warned_of_or_ignored_as_asked(string type, string patch, string faults)
    {
        var path = await ConfigMap();
        var refused = await server.Expect(422, HttpMethod.Patch, $"{path}?fieldValidation=Strict", patch, type);
        Assert.Equal("Invalid", (string?)refused["reason"]);
        Assert.EndsWith($": strict decoding error: {faults.Replace("|", ", ")}", (string?)refused["message"]);
        Assert.Equal("1", (string?)(await server.Expect(200, HttpMethod.Get, path))["data"]!["q"]);
        using (var silent = await server.Send(HttpMethod.Patch, $"{path}?fieldValidation=Ignore&dryRun=All", patch, type))
        {
            Assert.Equal(200, (int)silent.StatusCode);
            Assert.False(silent.Headers.Contains("Warning"));
        }
        using var warned = await server.Send(HttpMethod.Patch, path, patch, type);
        Assert.Equal(200, (int)warned.StatusCode);
        Assert.Equal(faults.Split('|').Select(fault => $"299 - \"{fault.Replace("\"", "\\\"")}\""), warned.Headers.GetValues("Warning"));
        Assert.Equal("4", (string?)(await server.Expect(200, HttpMethod.Get, path))["data"]!["q"]);
    }

    [Fact]
    public async Task The_wrong_value_is_quoted_as_Go_does()
    {
        var path = await ConfigMap();
        await server.Refused(422, "Invalid", " \"\" is invalid: patch: Invalid value: \"map[data:map[a:b] foo:1]\": strict decoding error: unknown field \"foo\"",
            HttpMethod.Patch, $"{path}?fieldValidation=Strict", """{"foo":1,"data":{"a":"b"}}""", Strategic);
        var status = await server.Expect(422, HttpMethod.Patch, $"{path}?fieldValidation=Strict", """{"foo":1}""", Merge);
        Assert.Contains("patch: Invalid value: \"{\\\"kind\\\":\\\"ConfigMap\\\",", (string?)status["message"]);
    }

    [Fact]
    public async Task A_JSON_patch_of_too_many_operations_is_too_large() => await server.Refused(413, "RequestEntityTooLarge",
        "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001", HttpMethod.Patch, await ConfigMap(),
        $"[{string.Join(',', Enumerable.Repeat("""{"op":"test","path":"/data/q","value":"1"}""", 10_001))}]", Json);

    [Fact]
    public async Task What_a_list_says_must_stand_in_the_order_that_comes_with_it()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/services";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"s"},"spec":{"ports":[{"name":"a","port":1}]}}""");
        await server.Refused(400, "BadRequest", "The order in patch list:\n[map[name:b port:2]]\n doesn't match $setElementOrder list:\n[map[port:9]]\n",
            HttpMethod.Patch, $"{path}/s", """{"spec":{"$setElementOrder/ports":[{"port":9}],"ports":[{"name":"b","port":2}]}}""", Strategic);
        await server.Expect(400, HttpMethod.Patch, $"{path}/s", """{"spec":{"$setElementOrder/ports":[{"port":1},{"port":2}],"ports":[{"name":"b","port":2},{"name":"a","port":1}]}}""", Strategic);
        await server.Expect(200, HttpMethod.Patch, $"{path}/s", """{"spec":{"$setElementOrder/ports":[{"port":2}],"ports":[{"name":"b","port":2},{"$patch":"delete","port":1}]}}""", Strategic);
    }

    private async Task<string> ConfigMap()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"},"data":{"q":"1"}}""");
        return $"{path}/a";
    }
}
