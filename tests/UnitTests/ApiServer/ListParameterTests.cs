using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>What goes with what in the query of a list or watch, and the words for what does not.</summary>
[Collection(nameof(ApiServer))]
public sealed class ListParameterTests(TestServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps", Prefix = "ListOptions.meta.k8s.io \"\" is invalid: ";

    [Theory]
    [InlineData("a===b", "unable to parse requirement: found '=', expected: identifier")]
    [InlineData("a=b=c", "found '=', expected: ',' or 'end of string'")]
    [InlineData("a=b,", "found '', expected: identifier after ','")]
    [InlineData(",a=b", "found ',', expected: !, identifier, or 'end of string'")]
    [InlineData("a IN (b)", "unable to parse requirement: found 'IN', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("a in b", "unable to parse requirement: found 'b' expected: '('")]
    [InlineData("a in (b", "unable to parse requirement: found '', expected: ',' or ')'")]
    [InlineData("a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer")]
    [InlineData("a_=b", "unable to parse requirement: <nil>: Invalid value: \"a_\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    [InlineData("a=b_", "unable to parse requirement: values[0][a]: Invalid value: \"b_\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    public Task A_label_selector_that_is_none_is_a_bad_request(string selector, string message) =>
        server.Refused(400, "BadRequest", message, HttpMethod.Get, $"{Maps}?labelSelector={Uri.EscapeDataString(selector)}");

    [Theory]
    [InlineData("pods", "spec.image=a", "field label not supported: spec.image")]
    [InlineData("configmaps", "data.a=b", "\"data.a\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("pods", "spec.nodeName", "invalid selector: 'spec.nodeName'; can't understand 'spec.nodeName'")]
    [InlineData("pods", "spec.nodeName=a=b", "invalid field selector: unescaped character in value: =")]
    public Task A_field_selector_that_is_none_is_a_bad_request(string resource, string selector, string message) =>
        server.Refused(400, "BadRequest", message, HttpMethod.Get, $"/api/v1/namespaces/default/{resource}?fieldSelector={Uri.EscapeDataString(selector)}");

    [Theory]
    [InlineData("resourceVersionMatch=Exact", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData("resourceVersionMatch=Exact&resourceVersion=0", "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData("resourceVersionMatch=Newest&resourceVersion=1", "resourceVersionMatch: Unsupported value: \"Newest\": supported values: \"\", \"Exact\", \"NotOlderThan\"")]
    [InlineData("resourceVersionMatch=Exact&resourceVersion=1&continue=x", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided")]
    [InlineData("sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")]
    [InlineData("watch=true&sendInitialEvents=true", "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    [InlineData("watch=true&resourceVersionMatch=NotOlderThan", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
    public Task Parameters_that_exclude_each_other_are_invalid(string query, string message) =>
        server.Refused(422, "Invalid", Prefix + message, HttpMethod.Get, $"{Maps}?{query}");

    [Fact]
    public async Task A_resourceVersion_that_is_no_number_is_an_invalid_value()
    {
        const string message = "resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax";
        await server.Refused(400, "BadRequest", message, HttpMethod.Get, $"{Maps}?resourceVersion=abc");
        await server.Refused(422, "Invalid", $"configmaps \"\" is invalid: {message}", HttpMethod.Get, $"{Maps}?watch=true&resourceVersion=abc");
    }

    [Fact]
    public async Task A_revision_of_the_future_is_too_large()
    {
        var status = await server.Expect(504, HttpMethod.Get, $"{Maps}?resourceVersion=999999999");
        Assert.Equal("Timeout", (string?)status["reason"]);
        Assert.StartsWith("Too large resource version: 999999999, current: ", (string?)status["message"]);
        Assert.Equal("ResourceVersionTooLarge", (string?)status["details"]!["causes"]![0]!["reason"]);
        Assert.Equal(1, (int?)status["details"]!["retryAfterSeconds"]);
    }

    [Fact]
    public async Task An_expired_page_token_comes_back_as_one_that_goes_on_with_the_present_state()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        foreach (var name in "abcd") await server.Expect(201, HttpMethod.Post, path, "{\"metadata\":{\"name\":\"" + name + "\"}}");
        var first = await server.Expect(200, HttpMethod.Get, $"{path}?limit=2");
        for (var i = 0; i < 40; i++) // pages of other revisions, until the first is no longer kept
        {
            await server.Expect(200, HttpMethod.Patch, $"{path}/d", $$$"""{"data":{"i":"{{{i}}}"}}""", "application/merge-patch+json");
            await server.Expect(200, HttpMethod.Get, $"{path}?limit=1");
        }
        var token = Uri.EscapeDataString((string)first["metadata"]!["continue"]!);
        var expired = await server.Expect(410, HttpMethod.Get, $"{path}?limit=2&continue={token}");
        Assert.Equal("Expired", (string?)expired["reason"]);
        Assert.StartsWith("The provided continue parameter is too old to display a consistent list result.", (string?)expired["message"]);
        token = Uri.EscapeDataString((string)expired["metadata"]!["continue"]!);
        await server.Expect(200, HttpMethod.Delete, $"{path}/c");
        var rest = await server.Expect(200, HttpMethod.Get, $"{path}?limit=2&continue={token}");
        Assert.Equal(["d"], rest["items"]!.AsArray().Select(item => (string?)item!["metadata"]!["name"]));
    }

    [Fact]
    public async Task A_token_and_a_revision_exclude_each_other()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        foreach (var name in "ab") await server.Expect(201, HttpMethod.Post, path, "{\"metadata\":{\"name\":\"" + name + "\"}}");
        var token = Uri.EscapeDataString((string)(await server.Expect(200, HttpMethod.Get, $"{path}?limit=1"))["metadata"]!["continue"]!);
        await server.Refused(400, "BadRequest", "specifying resource version is not allowed when using continue", HttpMethod.Get, $"{path}?continue={token}&resourceVersion=1");
        var status = await server.Expect(400, HttpMethod.Get, $"{path}?continue=nonsense");
        Assert.StartsWith("continue key is not valid", (string?)status["message"]);
    }

    [Fact]
    public async Task Every_page_shows_the_state_of_the_first()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        foreach (var name in "abcde") await server.Expect(201, HttpMethod.Post, path, "{\"metadata\":{\"name\":\"" + name + "\"}}");
        var page = await server.Expect(200, HttpMethod.Get, $"{path}?limit=2");
        Assert.Equal(3, (int?)page["metadata"]!["remainingItemCount"]);
        await server.Expect(200, HttpMethod.Delete, $"{path}/c");
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"cc"}}""");
        var (names, revision) = (Names(page), (string?)page["metadata"]!["resourceVersion"]);
        while ((string?)page["metadata"]!["continue"] is { } token)
        {
            page = await server.Expect(200, HttpMethod.Get, $"{path}?limit=2&continue={Uri.EscapeDataString(token)}");
            Assert.Equal(revision, (string?)page["metadata"]!["resourceVersion"]);
            names.AddRange(Names(page));
        }
        Assert.Equal(["a", "b", "c", "d", "e"], names);
        Assert.Null(page["metadata"]!["remainingItemCount"]);
    }

    private static List<string?> Names(JsonNode list) => list["items"]!.AsArray().Select(item => (string?)item!["metadata"]!["name"]).ToList();
}
