using System.Text;
using Xunit;

namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class BadInputTests(TestServer server)
{
    [Fact]
    public async Task A_value_of_the_wrong_type_is_named_with_its_field()
    {
        var ns = await server.Namespace();
        await server.Refused(400, "BadRequest",
            "ReplicationController in version \"v1\" cannot be handled as a ReplicationController: json: cannot unmarshal string into Go struct field ReplicationControllerSpec.spec.replicas of type int32",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/replicationcontrollers", """{"kind":"ReplicationController","apiVersion":"v1","metadata":{"name":"a"},"spec":{"replicas":"two"}}""");
        await server.Refused(400, "BadRequest",
            "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"a"},"spec":{"containers":{"name":"c"}}}""");
        await ExpectNothing(ns, "replicationcontrollers", "pods");
    }

    [Fact]
    public async Task A_missing_required_field_is_invalid()
    {
        var ns = await server.Namespace();
        var status = await server.Expect(422, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"a"},"spec":{"containers":[]}}""");
        Assert.Equal("Invalid", (string?)status["reason"]);
        Assert.Equal("Pod \"a\" is invalid: spec.containers: Required value", (string?)status["message"]);
        Assert.Equal("Pod", (string?)status["details"]!["kind"]);
        Assert.Equal("FieldValueRequired", (string?)status["details"]!["causes"]![0]!["reason"]);
        await ExpectNothing(ns, "pods");
    }

    [Fact]
    public async Task An_unknown_resource_group_or_path_is_not_found()
    {
        await server.Refused(404, "NotFound", "the server could not find the requested resource", HttpMethod.Get, "/api/v1/namespaces/default/gadgets");
        await server.Refused(404, "NotFound", "the server could not find the requested resource", HttpMethod.Post, "/apis/example.com/v1/gadgets", "{}");
        using var response = await server.Send(HttpMethod.Get, "/nowhere");
        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("404 page not found\n", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(404, "NotFound", "/api/v1/namespaces/default/resourcequotas", "the server could not find the requested resource: this version does not serve resourcequotas")]
    [InlineData(404, "NotFound", "/apis/batch/v1/cronjobs", "the server could not find the requested resource: this version does not serve cronjobs.batch")]
    [InlineData(501, "NotImplemented", "/api/v1/namespaces/default/pods/a/resize", "pods/resize: this version does not resize running pods yet")]
    [InlineData(404, "NotFound", "/api/v1/namespaces/default/services/kubernetes/shoe", "the server could not find the requested resource")]
    public Task What_Kubernetes_has_and_this_version_has_not_is_named(int code, string reason, string path, string message) =>
        server.Refused(code, reason, message, HttpMethod.Get, path);

    [Fact]
    public async Task A_kind_or_version_that_does_not_fit_the_url_is_refused()
    {
        await server.Refused(400, "BadRequest", "the API version in the data (v2) does not match the expected API version (v1)",
            HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"kind":"ConfigMap","apiVersion":"v2","metadata":{"name":"a"}}""");
        var status = await server.Expect(400, HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"kind":"Gadget","apiVersion":"v1","metadata":{"name":"a"}}""");
        Assert.StartsWith("Gadget in version \"v1\" cannot be handled as a ConfigMap: no kind \"Gadget\" is registered", (string?)status["message"]);
    }

    [Fact]
    public async Task Answers_come_in_YAML_to_those_who_ask_for_it()
    {
        foreach (var (path, start) in new[] { ("/api/v1/namespaces/default", "kind: Namespace\napiVersion: v1\nmetadata:\n"), ("/api/v1/namespaces", "kind: NamespaceList\n"), ("/api/v1/namespaces/none", "kind: Status\n") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept", "application/yaml");
            using var response = await server.Admin.SendAsync(request);
            Assert.Equal("application/yaml", response.Content.Headers.ContentType?.MediaType);
            Assert.StartsWith(start, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_duplicate_name_already_exists()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"}}""");
        await server.Refused(409, "AlreadyExists", "configmaps \"a\" already exists", HttpMethod.Post, path, """{"metadata":{"name":"a"}}""");
    }

    [Fact]
    public async Task A_stale_resourceVersion_conflicts()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        var created = await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"}}""");
        await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"data":{"x":"1"}}""", "application/merge-patch+json");
        created["data"] = new System.Text.Json.Nodes.JsonObject { ["x"] = "2" };
        const string message = "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again";
        await server.Refused(409, "Conflict", message, HttpMethod.Put, $"{path}/a", created.ToJsonString());
        await server.Refused(409, "Conflict", message, HttpMethod.Patch, $"{path}/a", """{"metadata":{"resourceVersion":"1"},"data":{"x":"2"}}""", "application/merge-patch+json");
        var now = await server.Expect(200, HttpMethod.Get, $"{path}/a");
        Assert.Equal("1", (string?)now["data"]!["x"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_3_MB_is_too_large(bool lengthUnknown)
    {
        var ns = await server.Namespace();
        var body = Encoding.UTF8.GetBytes("""{"metadata":{"name":"big"},"data":{"x":"X"}}""".Replace("X", new string('x', 3 * 1024 * 1024)));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps");
        request.Content = lengthUnknown ? new StreamContent(new MemoryStream(body)) : new ByteArrayContent(body);
        request.Content.Headers.ContentType = new("application/json");
        if (lengthUnknown) request.Content.Headers.ContentLength = null;
        using var response = await server.Admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(413, (int)response.StatusCode);
        Assert.Contains("\"reason\":\"RequestEntityTooLarge\"", text);
        await ExpectNothing(ns, "configmaps");
    }

    [Fact]
    public async Task Broken_JSON_is_a_bad_request()
    {
        const string path = "/api/v1/namespaces/default/pods";
        await server.Refused(400, "BadRequest", "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: unexpected end of JSON input ({\"metadata\":{\"name\":\"a\")",
            HttpMethod.Post, path, """{"metadata":{"name":"a" """.TrimEnd());
        await server.Refused(400, "BadRequest", "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value (68656c6c6f)",
            HttpMethod.Post, path, "hello");
        await server.Expect(400, HttpMethod.Post, path, "");
        await server.Expect(400, HttpMethod.Post, path, "[]");
        await server.Expect(400, HttpMethod.Post, path, "null");
        await server.Expect(400, HttpMethod.Post, path, "{\"metadata\":{\"name\":\"\\ud800\"}}");
        await server.Expect(400, HttpMethod.Post, path, new string('[', 100_000));
        await server.Expect(400, HttpMethod.Post, path, string.Concat(Enumerable.Repeat("{\"a\":", 1000)));
    }

    [Fact]
    public async Task A_name_whose_object_is_being_deleted_is_told_so()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"fz","finalizers":["example.com/hold"]}}""");
        await server.Expect(200, HttpMethod.Delete, $"{path}/fz");
        await server.Refused(409, "AlreadyExists", "object is being deleted: configmaps \"fz\" already exists", HttpMethod.Post, path, """{"metadata":{"name":"fz"}}""");
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a","name":"b"},"data":{"k":"1","k":"2"}}""", "duplicate field \"metadata.name\", duplicate field \"data.k\"")]
    [InlineData("""{"metadata":{"name":"b","lables":{}},"spec":{}}""", "unknown field \"metadata.lables\", unknown field \"spec\"")]
    public async Task Fields_that_are_unknown_or_given_twice_are_named(string body, string what)
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        await server.Refused(400, "BadRequest", $"ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: {what}", HttpMethod.Post, $"{path}?fieldValidation=Strict", body);
        using (var response = await server.Send(HttpMethod.Post, $"{path}?dryRun=All&fieldValidation=Ignore", body))
        {
            Assert.Equal(201, (int)response.StatusCode);
            Assert.False(response.Headers.Contains("Warning"));
        }
        using var warned = await server.Send(HttpMethod.Post, path, body);
        Assert.Equal(201, (int)warned.StatusCode);
        Assert.Equal(what.Split(", ").Select(text => $"299 - \"{text.Replace("\"", "\\\"")}\""), warned.Headers.GetValues("Warning"));
        Assert.Contains("\"name\":\"b\"", await warned.Content.ReadAsStringAsync()); // the last one counts
    }

    [Fact]
    public async Task Broken_YAML_is_a_bad_request_and_sound_YAML_is_an_object()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        var status = await server.Expect(400, HttpMethod.Post, path, "metadata:\n  name: [a\n", "application/yaml");
        Assert.Contains("error converting YAML to JSON: yaml: line", (string?)status["message"]);
        await server.Expect(400, HttpMethod.Post, path, "just a text", "application/yaml");
        var created = await server.Expect(201, HttpMethod.Post, path, "metadata: {name: a}\ndata:\n  n: \"1\"\n  text: |\n    two\n    lines\n", "application/yaml");
        Assert.Equal("two\nlines\n", (string?)created["data"]!["text"]);
    }

    [Fact]
    public async Task A_key_that_YAML_gives_twice_is_refused_warned_of_or_ignored_as_asked()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        const string body = "metadata: {name: a}\ndata:\n  k: \"1\"\n  k: \"2\"\n", yaml = "application/yaml";
        await server.Refused(400, "BadRequest",
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 4: key \"k\" already set in map",
            HttpMethod.Post, $"{path}?fieldValidation=Strict", body, yaml);
        using (var silent = await server.Send(HttpMethod.Post, $"{path}?fieldValidation=Ignore&dryRun=All", body, yaml))
        {
            Assert.Equal(201, (int)silent.StatusCode);
            Assert.False(silent.Headers.Contains("Warning"));
        }
        using var warned = await server.Send(HttpMethod.Post, path, body, yaml);
        Assert.Equal(201, (int)warned.StatusCode);
        Assert.Equal("299 - \"line 4: key \\\"k\\\" already set in map\"", Assert.Single(warned.Headers.GetValues("Warning")));
        Assert.Equal("2", (string?)(await server.Expect(200, HttpMethod.Get, $"{path}/a"))["data"]!["k"]);
        const string apply = "application/apply-patch+yaml", config = "apiVersion: v1\nkind: ConfigMap\n" + body;
        await server.Refused(400, "BadRequest", "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key \"k\" already set in map",
            HttpMethod.Patch, $"{path}/b?fieldManager=m&fieldValidation=Strict", config.Replace("name: a", "name: b"), apply);
        await server.Expect(201, HttpMethod.Patch, $"{path}/b?fieldManager=m", config.Replace("name: a", "name: b"), apply);
    }

    [Fact]
    public async Task Random_bytes_never_get_further_than_a_clear_error()
    {
        var random = new Random(42);
        var ns = await server.Namespace();
        foreach (var type in new[] { "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/merge-patch+json", "application/x-nonsense" })
            for (var i = 0; i < 40; i++)
            {
                var body = new byte[random.Next(1, 2000)];
                random.NextBytes(body);
                if (type.EndsWith("protobuf", StringComparison.Ordinal) && body.Length > 4 && i % 2 == 0) "k8s\0"u8.CopyTo(body);
                foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete })
                {
                    var path = $"/api/v1/namespaces/{ns}/configmaps" + (method == HttpMethod.Post ? "" : "/a");
                    using var response = await server.SendBytes(method, path, body, type);
                    Assert.InRange((int)response.StatusCode, 400, 422);
                }
            }
        await ExpectNothing(ns, "configmaps");
    }

    [Fact]
    public async Task Unknown_fields_are_refused_warned_of_or_ignored_as_asked()
    {
        var ns = await server.Namespace();
        const string body = """{"metadata":{"name":"NAME"},"spec":{"contaners":[],"containers":[{"name":"c","image":"i","imagee":"j"}]}}""";
        await server.Refused(400, "BadRequest",
            "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown field \"spec.contaners\", unknown field \"spec.containers[0].imagee\"",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods?fieldValidation=Strict", body.Replace("NAME", "a"));
        using var warned = await server.Send(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", body.Replace("NAME", "b"));
        Assert.Equal(201, (int)warned.StatusCode);
        Assert.Contains("299 - \"unknown field \\\"spec.contaners\\\"\"", warned.Headers.GetValues("Warning"));
        Assert.DoesNotContain("contaners", await warned.Content.ReadAsStringAsync());
        using var silent = await server.Send(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods?fieldValidation=Ignore", body.Replace("NAME", "c"));
        Assert.Equal(201, (int)silent.StatusCode);
        Assert.False(silent.Headers.Contains("Warning"));
        await server.Expect(400, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods?fieldValidation=Maybe", body.Replace("NAME", "d"));
    }

    [Fact]
    public async Task Names_and_namespaces_must_agree_with_the_url()
    {
        var ns = await server.Namespace();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"c1"}}""");
        await server.Refused(400, "BadRequest", "the name of the object (c2) does not match the name on the URL (c1)", HttpMethod.Put, $"{path}/c1", """{"metadata":{"name":"c2"}}""");
        await server.Refused(400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request",
            HttpMethod.Post, path, """{"metadata":{"name":"c3","namespace":"other"}}""");
        await server.Refused(404, "NotFound", "namespaces \"missing\" not found", HttpMethod.Post, "/api/v1/namespaces/missing/configmaps", """{"metadata":{"name":"c"}}""");
        await server.Refused(404, "NotFound", "configmaps \"x\" not found", HttpMethod.Get, $"{path}/x");
        await server.Refused(404, "NotFound", "deployments.apps \"x\" not found", HttpMethod.Delete, $"/apis/apps/v1/namespaces/{ns}/deployments/x");
    }

    [Fact]
    public async Task Selectors_and_numbers_that_are_none_are_bad_requests()
    {
        await server.Refused(400, "BadRequest", "field label not supported: spec.foo", HttpMethod.Get, "/api/v1/pods?fieldSelector=spec.foo%3Dx");
        foreach (var query in new[] { "labelSelector=a%20in", "fieldSelector=x", "limit=many", "continue=abc", "resourceVersion=new", "watch=true&labelSelector=%3D" })
        {
            var status = await server.Expect(400, HttpMethod.Get, $"/api/v1/pods?{query}");
            Assert.Equal("BadRequest", (string?)status["reason"]);
        }
        var future = await server.Expect(504, HttpMethod.Get, "/api/v1/pods?resourceVersion=999999999");
        Assert.Equal("Timeout", (string?)future["reason"]);
    }

    [Fact]
    public async Task Media_types_that_are_not_spoken_are_refused()
    {
        await server.Expect(415, HttpMethod.Post, "/api/v1/namespaces/default/configmaps", "<a/>", "application/xml");
        await server.Expect(415, HttpMethod.Patch, "/api/v1/namespaces/default/configmaps/kube-root-ca.crt", "{}", "application/apply-patch+cbor");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pods");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.kubernetes.protobuf");
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(406, (int)response.StatusCode);
        await server.Refused(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", HttpMethod.Post, "/api/v1/namespaces/default/configmaps/a", "{}");
    }

    private async Task ExpectNothing(string ns, params string[] resources)
    {
        foreach (var resource in resources)
            Assert.Empty((await server.Expect(200, HttpMethod.Get, $"/api/v1/namespaces/{ns}/{resource}"))["items"]!.AsArray());
    }
}
