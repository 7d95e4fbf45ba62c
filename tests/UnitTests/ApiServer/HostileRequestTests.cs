using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.ApiServer;
using ControlPlane.Patches;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>Requests that a small client makes and that must cost the server no more than others, and tell it nothing.</summary>
[Collection("ApiServer")]
public sealed class HostileRequestTests(TestServer server)
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    [Theory]
    [InlineData("a: &a [x, *a]\n? *a\n: v\n")] // is in itself
    [InlineData("? &a [*a]\n: v\n")]
    [InlineData("? [[[x]]]\n: v\n")]
    public void A_yaml_key_that_is_no_scalar_is_refused_before_it_is_looked_at(string text)
    {
        var refused = Assert.Throws<StatusException>(() => YamlBody.Parse(text, out _));
        Assert.Equal(400, refused.Code);
    }

    [Fact]
    public void A_yaml_key_that_stands_for_millions_of_nodes_is_refused_as_fast_as_any()
    {
        var text = new StringBuilder("a0: &a0 [x]\n");
        for (var i = 1; i < 60; i++) text.Append($"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n");
        Assert.Equal(400, Assert.Throws<StatusException>(() => YamlBody.Parse(text + "? *a59\n: v\n", out _)).Code);
    }

    [Fact]
    public void Yaml_with_aliases_as_values_is_read_as_ever() =>
        Assert.Equal("""{"a":["x",{"k":1}],"b":["x",{"k":1}],"c":{"d":["x",{"k":1}]}}""", YamlBody.Parse("a: &a [x, {k: 1}]\nb: *a\nc:\n  d: *a\n", out _)!.ToJsonString());

    [Fact]
    public async Task Who_may_only_scale_changes_nothing_but_the_replicas()
    {
        var ns = await server.Namespace();
        using var scaler = server.Client("only-scales");
        await server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/roles", """{"metadata":{"name":"scale"},"rules":[{"apiGroups":["apps"],"resources":["deployments/scale"],"verbs":["*"]}]}""");
        await server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/rolebindings",
            """{"metadata":{"name":"scale"},"roleRef":{"kind":"Role","name":"scale"},"subjects":[{"kind":"User","name":"only-scales"}]}""");
        await server.Expect(201, HttpMethod.Post, $"/apis/apps/v1/namespaces/{ns}/deployments",
            """{"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"nginx"}]}}}}""");
        await server.Expect(200, HttpMethod.Patch, $"/apis/apps/v1/namespaces/{ns}/deployments/d/scale?fieldManager=m&force=true",
            """{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"d","labels":{"stolen":"yes"},"annotations":{"stolen":"yes"},"finalizers":["example.com/stuck"]},"spec":{"replicas":2}}""",
            "application/apply-patch+yaml", scaler);
        var found = await server.Expect(200, HttpMethod.Get, $"/apis/apps/v1/namespaces/{ns}/deployments/d");
        Assert.Equal(2, (int?)found["spec"]!["replicas"]);
        Assert.Null(found["metadata"]!["labels"]);
        Assert.Null(found["metadata"]!["finalizers"]);
        Assert.Null(found["metadata"]!["annotations"]?["stolen"]);
    }

    [Fact]
    public async Task Two_headers_of_impersonation_that_name_the_same_key_are_one()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("Impersonate-User", "jane");
        request.Headers.Add("Impersonate-Extra-ab", "one");
        request.Headers.Add("Impersonate-Extra-a%62", "two");
        using var response = await server.Admin.SendAsync(request);
        var review = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(201, (int)response.StatusCode);
        Assert.Equal(["one", "two"], review["status"]!["userInfo"]!["extra"]!["ab"]!.AsArray().Select(value => (string)value!).Order());
    }

    [Fact]
    public async Task An_eviction_whose_version_is_no_unicode_is_a_bad_request()
    {
        var ns = await server.Namespace();
        await server.Expect(400, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods/p/eviction", "{\"apiVersion\":\"\\ud800\"}");
    }

    [Fact]
    public async Task A_role_of_more_rights_than_can_be_counted_is_refused_all_the_same()
    {
        var ns = await server.Namespace();
        using var client = server.Client("counts-rights");
        await server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/roles",
            """{"metadata":{"name":"lord"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["create"]}]}""");
        await server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/rolebindings",
            """{"metadata":{"name":"lord"},"roleRef":{"kind":"Role","name":"lord"},"subjects":[{"kind":"User","name":"counts-rights"}]}""");
        string Many(string prefix) => string.Join(',', Enumerable.Range(0, 2000).Select(i => $"\"{prefix}{i}\""));
        var refused = await server.Expect(403, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/roles",
            $$"""{"metadata":{"name":"huge"},"rules":[{"apiGroups":[{{Many("g")}}],"resources":[{{Many("r")}}],"verbs":[{{Many("v")}}],"resourceNames":[{{Many("n")}}]}]}""", client: client);
        Assert.Equal("Forbidden", (string?)refused["reason"]);
    }

    [Fact]
    public async Task No_object_grows_without_end_by_patches()
    {
        var ns = await server.Namespace();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/d";
        await server.Expect(201, HttpMethod.Post, $"/apis/apps/v1/namespaces/{ns}/deployments",
            """{"metadata":{"name":"d"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"nginx","env":[]}]}}}}""");
        string Grow(string name) => """{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"name":"NAME","value":"VALUE"}]}]}}}}""".Replace("NAME", name).Replace("VALUE", new string('x', 2 << 20));
        await server.Expect(200, HttpMethod.Patch, path, Grow("A"), "application/strategic-merge-patch+json");
        await server.Expect(413, HttpMethod.Patch, path, Grow("B"), "application/strategic-merge-patch+json");
        await server.Expect(200, HttpMethod.Patch, path, """{"metadata":{"labels":{"still":"changes"}}}""", "application/strategic-merge-patch+json");
    }

    [Theory]
    [InlineData("1e-2147483648")]
    [InlineData("LONG")]
    public async Task A_quantity_beyond_all_measure_is_refused(string cpu)
    {
        var ns = await server.Namespace();
        await server.Expect(400, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods",
            """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"CPU"}}}]}}""".Replace("CPU", cpu).Replace("LONG", new string('9', 2_000_000)));
    }

    [Fact]
    public async Task What_is_nested_deep_is_read_or_refused_and_never_an_internal_error()
    {
        var ns = await server.Namespace();
        var deep = string.Concat(Enumerable.Repeat("{\"f:a\":", 100)) + "{}" + new string('}', 100);
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"m"}}""");
        var managed = """{"metadata":{"managedFields":[{"manager":"x","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":DEEP}]}}""".Replace("DEEP", deep);
        await server.Expect(200, HttpMethod.Patch, $"/api/v1/namespaces/{ns}/configmaps/m", managed, "application/merge-patch+json");
        await server.Expect(201, HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "unknown: " + deep, "application/yaml");
        using var applied = await server.Send(HttpMethod.Patch, $"/api/v1/namespaces/{ns}/configmaps/m?fieldManager=x", "{kind: ConfigMap, apiVersion: v1, metadata: {name: m}, x: " + deep + "}", "application/apply-patch+yaml");
        Assert.Equal(400, (int)applied.StatusCode);
    }

    [Fact]
    public async Task An_answer_does_not_list_faults_without_end()
    {
        var ns = await server.Namespace();
        using var response = await server.Send(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"f","finalizers":[MANY]}}""".Replace("MANY", string.Join(',', Enumerable.Repeat("\"a\"", 100_000))));
        Assert.Equal(422, (int)response.StatusCode);
        Assert.InRange((await response.Content.ReadAsStringAsync()).Length, 1, 1 << 20);
    }

    [Fact]
    public void A_patch_of_very_many_entries_merges_as_one_of_few_does()
    {
        const int Count = 100_000; // by comparing each with each other this takes longer than anybody waits
        string List(Func<int, string> entry) => string.Join(',', Enumerable.Range(0, Count).Select(entry));
        var patch = JsonNode.Parse("""{"metadata":{"finalizers":[FINALIZERS]},"spec":{"$setElementOrder/containers":[CONTAINERS],"containers":[CONTAINERS]}}"""
            .Replace("FINALIZERS", List(i => $"\"x/{i}\"")).Replace("CONTAINERS", List(i => $"{{\"name\":\"c{i}\"}}")))!.AsObject();
        var merged = StrategicMergePatch.Apply(JsonNode.Parse("""{"metadata":{"finalizers":["x/0"]},"spec":{"containers":[{"name":"c0","image":"i"}]}}""")!.AsObject(), patch, typeof(Pod));
        Assert.Equal(Count, merged["metadata"]!["finalizers"]!.AsArray().Count);
        Assert.Equal(Count, merged["spec"]!["containers"]!.AsArray().Count);
        Assert.Equal("i", (string?)merged["spec"]!["containers"]![0]!["image"]);
    }

    [Fact]
    public async Task A_revision_with_data_nested_deep_is_listed_and_patched_as_any()
    {
        var ns = await server.Namespace();
        var path = $"/apis/apps/v1/namespaces/{ns}/controllerrevisions";
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "{}" + new string('}', 100);
        using var created = await server.Send(HttpMethod.Post, path, """{"metadata":{"name":"r"},"revision":1,"data":DEEP}""".Replace("DEEP", deep));
        using var patched = await server.Send(HttpMethod.Patch, $"{path}/r", """{"revision":2}""", "application/merge-patch+json");
        using var request = new HttpRequestMessage(HttpMethod.Get, path + "?includeObject=Object");
        request.Headers.TryAddWithoutValidation("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        using var table = await server.Admin.SendAsync(request);
        Assert.Equal((201, 200, 200), ((int)created.StatusCode, (int)patched.StatusCode, (int)table.StatusCode));
    }
}
