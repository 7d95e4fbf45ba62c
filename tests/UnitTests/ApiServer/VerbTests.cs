using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class VerbTests(TestServer server)
{
    private const string MergePatch = "application/merge-patch+json";

    [Fact]
    public async Task A_collection_is_deleted_by_selector_and_limit_and_a_dry_run_leaves_it()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        for (var i = 0; i < 100; i++) await server.Expect(201, HttpMethod.Post, path, "{\"metadata\":{\"name\":\"m" + i + "\",\"labels\":{\"half\":\"" + i % 2 + "\"}}}");
        Assert.Equal(100, (await server.Expect(200, HttpMethod.Delete, $"{path}?dryRun=All"))["items"]!.AsArray().Count);
        Assert.Equal(50, (await server.Expect(200, HttpMethod.Delete, $"{path}?labelSelector=half%3D1"))["items"]!.AsArray().Count);
        Assert.Equal(3, (await server.Expect(200, HttpMethod.Delete, $"{path}?limit=3"))["items"]!.AsArray().Count);
        Assert.Equal(47, (await server.Expect(200, HttpMethod.Get, path))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task Warnings_are_said_once_and_not_without_end()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        var unknown = string.Join(',', Enumerable.Range(0, 2000).Select(i => $"\"field{i}\":1,\"field{i}\":1"));
        using var response = await server.Send(HttpMethod.Post, path, "{\"metadata\":{\"name\":\"a\"}," + unknown + "}");
        Assert.Equal(201, (int)response.StatusCode);
        var warnings = response.Headers.GetValues("Warning").ToList();
        Assert.Equal(warnings.Distinct(), warnings);
        Assert.InRange(warnings.Sum(text => text.Length), 1000, 8000);
    }

    [Theory]
    [InlineData("""{"propagationPolicy":7}""", 400, "DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: json: cannot unmarshal number into Go struct field DeleteOptions.propagationPolicy of type string")]
    [InlineData("""{"kind":"Pod"}""", 400, "the object provided is unrecognized (must be of type DeleteOptions): kind is Pod ({\"kind\":\"Pod\"})")]
    [InlineData("""{"propagationPolicy":"Sideways"}""", 422, "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Sideways\": supported values: \"Background\", \"Foreground\", \"Orphan\"")]
    [InlineData("""{"propagationPolicy":"Orphan","orphanDependents":true}""", 422, "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"Orphan\": orphanDependents and deletionPropagation cannot be both set")]
    [InlineData("""{"dryRun":["Some"]}""", 422, "DeleteOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: \"Some\": supported values: \"All\"")]
    public async Task Delete_options_that_are_none_are_refused(string body, int code, string message)
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps/a";
        await server.Expect(201, HttpMethod.Post, path[..^2], """{"metadata":{"name":"a"}}""");
        await server.Refused(code, code == 400 ? "BadRequest" : "Invalid", message, HttpMethod.Delete, path, body);
        await server.Expect(200, HttpMethod.Get, path);
    }

    [Fact]
    public async Task A_created_object_comes_back_with_what_the_server_sets()
    {
        var path = await Maps();
        var created = await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a","creationTimestamp":null,"labels":{"x":null}},"data":{"k":"v"}}""");
        Assert.Equal("ConfigMap", (string?)created["kind"]);
        Assert.Equal("v1", (string?)created["apiVersion"]);
        Assert.Equal(36, ((string?)created["metadata"]!["uid"])!.Length);
        Assert.Equal("", (string?)created["metadata"]!["labels"]!["x"]);
        Assert.EndsWith("Z", (string?)created["metadata"]!["creationTimestamp"]);
        Assert.True(JsonNode.DeepEquals(created, await server.Expect(200, HttpMethod.Get, $"{path}/a")));
    }

    [Fact]
    public async Task A_generated_name_is_the_prefix_and_five_characters()
    {
        var path = await Maps();
        var names = new HashSet<string>();
        for (var i = 0; i < 20; i++)
            names.Add((string)(await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"generateName":"map-"}}"""))["metadata"]!["name"]!);
        Assert.Equal(20, names.Count);
        Assert.All(names, name => Assert.Matches("^map-[bcdfghjklmnpqrstvwxz2456789]{5}$", name));
    }

    [Fact]
    public async Task A_dry_run_answers_and_stores_nothing()
    {
        var path = await Maps();
        var tried = await server.Expect(201, HttpMethod.Post, $"{path}?dryRun=All", """{"metadata":{"name":"a"}}""");
        Assert.Null(tried["metadata"]!["resourceVersion"]);
        await server.Expect(404, HttpMethod.Get, $"{path}/a");
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"},"data":{"x":"1"}}""");
        Assert.Equal("2", (string?)(await server.Expect(200, HttpMethod.Patch, $"{path}/a?dryRun=All", """{"data":{"x":"2"}}""", MergePatch))["data"]!["x"]);
        await server.Expect(200, HttpMethod.Delete, $"{path}/a?dryRun=All");
        Assert.Equal("1", (string?)(await server.Expect(200, HttpMethod.Get, $"{path}/a"))["data"]!["x"]);
    }

    [Fact]
    public async Task A_write_that_changes_nothing_takes_no_revision()
    {
        var path = await Maps();
        var created = await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a","labels":{"a":"1","b":"2"}},"data":{"k":"v"}}""");
        var put = await server.Expect(200, HttpMethod.Put, $"{path}/a", """{"metadata":{"name":"a","labels":{"b":"2","a":"1"}},"data":{"k":"v"}}""");
        var patched = await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"data":{"k":"v"}}""", MergePatch);
        Assert.Equal(Revision(created), Revision(put));
        Assert.Equal(Revision(created), Revision(patched));
    }

    [Fact]
    public async Task Unconditional_patches_by_many_at_once_all_succeed()
    {
        var path = await Maps();
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"}}""");
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"data":{"kNUMBER":"v"}}""".Replace("NUMBER", $"{i}"), MergePatch)));
        Assert.Equal(30, (await server.Expect(200, HttpMethod.Get, $"{path}/a"))["data"]!.AsObject().Count);
    }

    [Fact]
    public async Task Status_and_spec_are_written_apart()
    {
        var ns = await server.Namespace();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments";
        var created = await server.Expect(201, HttpMethod.Post, path, Deployment("web", 2).Replace("\"spec\"", "\"status\":{\"replicas\":9},\"spec\""));
        Assert.Null(created["status"]?["replicas"]);
        Assert.Equal(1, (int?)created["metadata"]!["generation"]);
        var status = await server.Expect(200, HttpMethod.Patch, $"{path}/web/status", """{"status":{"replicas":2},"spec":{"replicas":7}}""", MergePatch);
        Assert.Equal(2, (int?)status["status"]!["replicas"]);
        Assert.Equal(2, (int?)status["spec"]!["replicas"]);
        Assert.Equal(1, (int?)status["metadata"]!["generation"]);
        var spec = await server.Expect(200, HttpMethod.Patch, path + "/web", """{"status":{"replicas":5},"spec":{"replicas":3}}""", MergePatch);
        Assert.Equal(2, (int?)spec["status"]!["replicas"]);
        Assert.Equal(2, (int?)spec["metadata"]!["generation"]);
    }

    [Fact]
    public async Task Scale_reads_and_writes_the_replicas()
    {
        var path = $"/apis/apps/v1/namespaces/{await server.Namespace()}/deployments";
        await server.Expect(201, HttpMethod.Post, path, Deployment("web", 2));
        var scale = await server.Expect(200, HttpMethod.Get, $"{path}/web/scale");
        Assert.Equal(2, (int?)scale["spec"]!["replicas"]);
        Assert.Equal("app=web", (string?)scale["status"]!["selector"]);
        var none = await server.Expect(200, HttpMethod.Patch, $"{path}/web/scale", """{"spec":{"replicas":0}}""", MergePatch);
        Assert.Equal("{}", none["spec"]!.ToJsonString());
        scale["spec"]!["replicas"] = 4;
        await server.Expect(409, HttpMethod.Put, $"{path}/web/scale", scale.ToJsonString()); // the patch was in between
        await server.Expect(422, HttpMethod.Patch, $"{path}/web/scale", """{"spec":{"replicas":-1}}""", MergePatch);
        Assert.Equal(0, (int?)(await server.Expect(200, HttpMethod.Get, $"{path}/web"))["spec"]!["replicas"]);
    }

    [Fact]
    public async Task A_pod_is_bound_once()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/pods";
        await server.Expect(201, HttpMethod.Post, path, Pod("p"));
        const string binding = """{"kind":"Binding","apiVersion":"v1","metadata":{"name":"p"},"target":{"kind":"Node","name":"node-a"}}""";
        Assert.Equal("Success", (string?)(await server.Expect(201, HttpMethod.Post, $"{path}/p/binding", binding))["status"]);
        var pod = await server.Expect(200, HttpMethod.Get, $"{path}/p");
        Assert.Equal("node-a", (string?)pod["spec"]!["nodeName"]);
        Assert.Contains(pod["status"]!["conditions"]!.AsArray(), condition => (string?)condition!["type"] == "PodScheduled" && (string?)condition["status"] == "True");
        await server.Refused(409, "Conflict", "Operation cannot be fulfilled on pods \"p\": pod p is already assigned to node \"node-a\"", HttpMethod.Post, $"{path}/p/binding", binding);
    }

    [Theory]
    [InlineData("pods/p/binding")]
    [InlineData("bindings")]
    public async Task A_binding_s_annotations_become_the_pod_s(string resource)
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}";
        await server.Expect(201, HttpMethod.Post, $"{path}/pods", Pod("p"));
        await server.Expect(200, HttpMethod.Patch, $"{path}/pods/p", """{"metadata":{"annotations":{"a":"1","b":"2"}}}""", MergePatch);
        await server.Expect(422, HttpMethod.Post, $"{path}/{resource}", """{"metadata":{"name":"p","annotations":{"-":""}},"target":{"name":"node-a"}}""");
        await server.Expect(201, HttpMethod.Post, $"{path}/{resource}", """{"metadata":{"name":"p","annotations":{"b":"3","c":"4"}},"target":{"name":"node-a"}}""");
        var annotations = (await server.Expect(200, HttpMethod.Get, $"{path}/pods/p"))["metadata"]!["annotations"]!;
        Assert.Equal(["1", "3", "4"], new[] { "a", "b", "c" }.Select(key => (string?)annotations[key]));
    }

    [Fact]
    public async Task One_object_is_asked_for_at_a_revision_as_a_list_is()
    {
        const string path = "/api/v1/namespaces/default";
        foreach (var revision in new[] { "0", "1", "" }) await server.Expect(200, HttpMethod.Get, $"{path}?resourceVersion={revision}");
        await server.Refused(400, "BadRequest", "resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax", HttpMethod.Get, $"{path}?resourceVersion=abc");
        var late = await server.Expect(504, HttpMethod.Get, $"{path}?resourceVersion=99999999");
        Assert.Equal("Timeout", (string?)late["reason"]);
        Assert.StartsWith("Too large resource version: 99999999, current: ", (string?)late["message"]);
    }

    [Theory]
    [InlineData("""{"matchLabels":{"app":"x"}}""", "\"app\":\"x\"")]
    [InlineData("""{"matchLabels":{"batch.kubernetes.io/controller-uid":"other"}}""", "\"other\"")]
    [InlineData("""{"matchExpressions":[{"key":"app","operator":"In","values":["x"]}]}""", "\"key\":\"app\"")]
    public async Task A_job_selects_by_itself_only_if_it_says_so(string selector, string shown)
    {
        var path = $"/apis/batch/v1/namespaces/{await server.Namespace()}/jobs";
        const string job = """{"metadata":{"name":"j"},"spec":{"selector":SELECTOR,"template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}}}}""";
        var refused = await server.Expect(422, HttpMethod.Post, path, job.Replace("SELECTOR", selector));
        var message = (string?)refused["message"];
        Assert.Contains("spec.selector: Invalid value: ", message);
        Assert.Contains(shown, message);
        Assert.Contains(": `selector` not auto-generated", message);
        const string own = """{"matchLabels":{"app":"x"}},"manualSelector":true""";
        await server.Expect(201, HttpMethod.Post, path, job.Replace("SELECTOR", own));
    }

    [Fact]
    public async Task A_bound_pod_is_deleted_gracefully_and_a_free_one_at_once()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/pods";
        await server.Expect(201, HttpMethod.Post, path, Pod("free"));
        Assert.Equal("Success", (string?)(await server.Expect(200, HttpMethod.Delete, $"{path}/free"))["status"]);
        await server.Expect(404, HttpMethod.Get, $"{path}/free");

        await server.Expect(201, HttpMethod.Post, path, Pod("bound"));
        await server.Expect(201, HttpMethod.Post, $"{path}/bound/binding", """{"metadata":{"name":"bound"},"target":{"name":"node-a"}}""");
        var marked = await server.Expect(200, HttpMethod.Delete, $"{path}/bound", """{"propagationPolicy":"Background"}""");
        Assert.Equal("Pod", (string?)marked["kind"]);
        Assert.Equal(30, (int?)marked["metadata"]!["deletionGracePeriodSeconds"]);
        var again = await server.Expect(200, HttpMethod.Delete, $"{path}/bound");
        Assert.Equal(Revision(marked), Revision(again));
        var shorter = await server.Expect(200, HttpMethod.Delete, $"{path}/bound", """{"gracePeriodSeconds":5}""");
        Assert.Equal(5, (int?)shorter["metadata"]!["deletionGracePeriodSeconds"]);
        await server.Expect(409, HttpMethod.Delete, $"{path}/bound", """{"gracePeriodSeconds":0,"preconditions":{"uid":"another"}}""");
        await server.Expect(200, HttpMethod.Delete, $"{path}/bound", """{"gracePeriodSeconds":0,"preconditions":{"uid":"UID"}}""".Replace("UID", (string)marked["metadata"]!["uid"]!));
        await server.Expect(404, HttpMethod.Get, $"{path}/bound");
    }

    [Fact]
    public async Task An_object_with_finalizers_goes_when_the_last_is_taken_away()
    {
        var path = await Maps();
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a","finalizers":["example.com/keep"]}}""");
        var marked = await server.Expect(200, HttpMethod.Delete, $"{path}/a");
        Assert.NotNull(marked["metadata"]!["deletionTimestamp"]);
        await server.Expect(200, HttpMethod.Get, $"{path}/a");
        await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"metadata":{"finalizers":null}}""", MergePatch);
        await server.Expect(404, HttpMethod.Get, $"{path}/a");
        await server.Expect(422, HttpMethod.Delete, $"{path}/x", """{"propagationPolicy":"Sometimes"}""");
    }

    [Fact]
    public async Task A_namespace_goes_in_two_steps_and_takes_nothing_new_meanwhile()
    {
        var ns = await server.Namespace();
        var terminating = await server.Expect(200, HttpMethod.Delete, $"/api/v1/namespaces/{ns}");
        Assert.Equal("Terminating", (string?)terminating["status"]!["phase"]);
        var refused = await server.Expect(403, HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Equal($"configmaps \"a\" is forbidden: unable to create new content in namespace {ns} because it is being terminated", (string?)refused["message"]);
        Assert.Equal("NamespaceTerminating", (string?)refused["details"]!["causes"]![0]!["reason"]);
        terminating["spec"] = new JsonObject { ["finalizers"] = new JsonArray() };
        await server.Expect(200, HttpMethod.Put, $"/api/v1/namespaces/{ns}/finalize", terminating.ToJsonString());
        await server.Expect(404, HttpMethod.Get, $"/api/v1/namespaces/{ns}");
        await server.Expect(403, HttpMethod.Delete, "/api/v1/namespaces/default");
    }

    [Fact]
    public async Task A_collection_is_deleted_by_selector()
    {
        var path = await Maps();
        foreach (var (name, label) in new[] { ("a", "x"), ("b", "y"), ("c", "x") })
            await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"NAME","labels":{"l":"LABEL"}}}""".Replace("NAME", name).Replace("LABEL", label));
        var deleted = await server.Expect(200, HttpMethod.Delete, $"{path}?labelSelector=l%3Dx");
        Assert.Equal(2, deleted["items"]!.AsArray().Count);
        Assert.Equal("b", (string?)(await server.Expect(200, HttpMethod.Get, path))["items"]!.AsArray().Single()!["metadata"]!["name"]);
    }

    [Fact]
    public async Task Pages_of_a_list_show_one_state()
    {
        var path = await Maps();
        for (var i = 0; i < 7; i++) await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"mNUMBER"}}""".Replace("NUMBER", $"{i}"));
        var page = await server.Expect(200, HttpMethod.Get, $"{path}?limit=3");
        var revision = Revision(page);
        Assert.Equal(4, (int?)page["metadata"]!["remainingItemCount"]);
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"m9"}}""");
        await server.Expect(200, HttpMethod.Delete, $"{path}/m5");
        var names = Names(page);
        while ((string?)page["metadata"]!["continue"] is { } token)
        {
            page = await server.Expect(200, HttpMethod.Get, $"{path}?limit=3&continue={Uri.EscapeDataString(token)}");
            Assert.Equal(revision, Revision(page));
            names = [.. names, .. Names(page)];
        }
        Assert.Equal(["m0", "m1", "m2", "m3", "m4", "m5", "m6"], names);
        Assert.Null(page["items"]![0]!["kind"]);
    }

    [Fact]
    public async Task Two_services_never_share_an_address()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/services";
        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"sNUMBER"},"spec":{"ports":[{"port":80}]}}""".Replace("NUMBER", $"{i}"))));
        var addresses = created.Select(service => (string)service["spec"]!["clusterIP"]!).ToList();
        Assert.Equal(20, addresses.Distinct().Count());
        var wanted = """{"metadata":{"name":"NAME"},"spec":{"clusterIP":"ADDRESS","ports":[{"port":80}]}}""".Replace("ADDRESS", addresses[0]);
        await server.Expect(422, HttpMethod.Post, path, wanted.Replace("NAME", "taken"));
        await server.Expect(200, HttpMethod.Delete, $"{path}/{(string?)created[0]["metadata"]!["name"]}");
        await server.Expect(201, HttpMethod.Post, path, wanted.Replace("NAME", "free"));
    }

    [Fact]
    public async Task A_strategic_patch_merges_containers_by_name()
    {
        var path = $"/apis/apps/v1/namespaces/{await server.Namespace()}/deployments";
        await server.Expect(201, HttpMethod.Post, path, Deployment("web", 1));
        var patched = await server.Expect(200, HttpMethod.Patch, $"{path}/web", """{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"nginx:2"},{"name":"d","image":"busybox"}]}}}}""", "application/strategic-merge-patch+json");
        Assert.Equal(["nginx:2", "busybox"], patched["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(container => (string)container!["image"]!).Order().Reverse());
        await server.Expect(422, HttpMethod.Patch, $"{path}/web", """[{"op":"test","path":"/spec/replicas","value":9}]""", "application/json-patch+json");
    }

    private static string Revision(JsonNode obj) => (string)obj["metadata"]!["resourceVersion"]!;

    private static List<string> Names(JsonNode list) => list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!).ToList();

    private async Task<string> Maps() => $"/api/v1/namespaces/{await server.Namespace()}/configmaps";

    private static string Pod(string name) => """{"metadata":{"name":"NAME"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}""".Replace("NAME", name);

    private static string Deployment(string name, int replicas) =>
        """{"metadata":{"name":"NAME"},"spec":{"replicas":COUNT,"selector":{"matchLabels":{"app":"NAME"}},"template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"containers":[{"name":"c","image":"nginx"}]}}}}"""
            .Replace("NAME", name).Replace("COUNT", $"{replicas}");
}
