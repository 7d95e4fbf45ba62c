using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>PATCH with application/apply-patch+yaml.</summary>
[Collection(nameof(ApiServer))]
public sealed class ServerSideApplyTests(TestServer server)
{
    private const string Apply = "application/apply-patch+yaml", MergePatch = "application/merge-patch+json";

    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: nginx:1
                env: [{name: A, value: "1"}, {name: B, value: "2"}]
                ports: [{containerPort: 80}]
        """;

    [Fact]
    public async Task Applying_makes_an_object_and_then_leaves_it_alone()
    {
        var path = await Maps();
        const string config = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"x":"1"}},"data":{"k":"v"}}""";
        var made = await server.Expect(201, HttpMethod.Patch, $"{path}/a?fieldManager=me", config, Apply);
        var entry = Assert.Single(made["metadata"]!["managedFields"]!.AsArray());
        Assert.Equal("""{"f:data":{"f:k":{}},"f:metadata":{"f:labels":{"f:x":{}}}}""", Json(entry!["fieldsV1"]));
        Assert.Equal(("me", "Apply", "v1", "FieldsV1"), ((string)entry["manager"]!, (string)entry["operation"]!, (string)entry["apiVersion"]!, (string)entry["fieldsType"]!));
        var again = await server.Expect(200, HttpMethod.Patch, $"{path}/a?fieldManager=me", config, Apply);
        Assert.True(JsonNode.DeepEquals(made, again));
    }

    [Fact]
    public async Task What_is_no_longer_applied_goes_and_what_others_set_stays()
    {
        var path = await Deployments();
        await server.Expect(201, HttpMethod.Patch, $"{path}/web?fieldManager=me", Deployment, Apply);
        await server.Expect(200, HttpMethod.Patch, $"{path}/web?fieldManager=other", """{"metadata":{"labels":{"theirs":"1"}}}""", MergePatch);
        var less = Deployment.Replace("replicas: 3\n", "paused: true\n").Replace(", {name: B, value: \"2\"}", "").Replace("ports: [{containerPort: 80}]", "ports: [{containerPort: 81}]");
        var after = await server.Expect(200, HttpMethod.Patch, $"{path}/web?fieldManager=me", less, Apply);
        var container = after["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal("""[{"name":"A","value":"1"}]""", Json(container["env"]));
        Assert.Equal("""[{"containerPort":81,"protocol":"TCP"}]""", Json(container["ports"]));
        Assert.Equal(1, (int)after["spec"]!["replicas"]!); // the default again
        Assert.Equal("""{"app":"web","theirs":"1"}""", Json(after["metadata"]!["labels"]));
    }

    [Fact]
    public async Task A_field_of_another_manager_is_a_conflict_unless_forced()
    {
        var path = await Deployments();
        await server.Expect(201, HttpMethod.Post, $"{path}?fieldManager=kubectl-create", Body(Deployment));
        var wanted = Deployment.Replace("replicas: 3", "replicas: 5");
        var status = await server.Expect(409, HttpMethod.Patch, $"{path}/web?fieldManager=me", wanted, Apply);
        Assert.Equal("Conflict", (string?)status["reason"]);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl-create\" using apps/v1: .spec.replicas", (string?)status["message"]);
        Assert.Equal("""[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl-create\" using apps/v1","field":".spec.replicas"}]""", Json(status["details"]!["causes"]));
        var image = wanted.Replace("nginx:1", "nginx:2");
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"kubectl-create\" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name=\"web\"].image",
            (string?)(await server.Expect(409, HttpMethod.Patch, $"{path}/web?fieldManager=me", image, Apply))["message"]);
        var forced = await server.Expect(200, HttpMethod.Patch, $"{path}/web?fieldManager=me&force=true", image, Apply);
        Assert.Equal(5, (int)forced["spec"]!["replicas"]!);
        var entries = forced["metadata"]!["managedFields"]!.AsArray();
        Assert.Equal(["Apply", "Update"], entries.Select(entry => (string)entry!["operation"]!));
        Assert.Null(entries[1]!["fieldsV1"]!["f:spec"]!["f:replicas"]);
        Assert.NotNull(entries[0]!["fieldsV1"]!["f:spec"]!["f:replicas"]);
    }

    [Fact]
    public async Task Two_who_agree_share_a_field_and_it_goes_with_the_last()
    {
        var path = await Maps();
        await Config("one", "a: x\n  b: x");
        await Config("two", "a: x");
        Assert.Equal("""{"a":"x","b":"x"}""", Json((await server.Expect(200, HttpMethod.Get, $"{path}/a"))["data"]));
        Assert.Equal("""{"a":"x","c":"x"}""", Json((await Config("one", "c: x"))["data"]));
        var conflict = await server.Expect(409, HttpMethod.Patch, $"{path}/a?fieldManager=one", Map("a: y"), Apply);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"two\": .data.a", (string?)conflict["message"]);
        Assert.Equal("""{"c":"x","d":"x"}""", Json((await Config("two", "d: x"))["data"]));

        async Task<JsonNode> Config(string manager, string data)
        {
            using var response = await server.Send(HttpMethod.Patch, $"{path}/a?fieldManager={manager}", Map(data), Apply);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        }
    }

    [Fact]
    public async Task A_volume_can_change_its_source_and_a_probe_can_go()
    {
        var path = await Deployments();
        const string more = "    env: [";
        var config = Deployment.Replace(more, """    readinessProbe: {httpGet: {path: /, port: 80}}""" + "\n    " + more);
        Assert.NotEqual(Deployment, config);
        var made = await server.Expect(201, HttpMethod.Patch, $"{path}/web?fieldManager=me", config + "\n      volumes: [{name: v, configMap: {name: a}}]", Apply);
        Assert.Equal(420, (int)made["spec"]!["template"]!["spec"]!["volumes"]![0]!["configMap"]!["defaultMode"]!);
        var after = await server.Expect(200, HttpMethod.Patch, $"{path}/web?fieldManager=me", Deployment + "\n      volumes: [{name: v, emptyDir: {}}]", Apply);
        Assert.Equal("""[{"name":"v","emptyDir":{}}]""", Json(after["spec"]!["template"]!["spec"]!["volumes"]));
        Assert.Null(after["spec"]!["template"]!["spec"]!["containers"]![0]!["readinessProbe"]);
    }

    [Fact]
    public async Task A_service_keeps_its_address_and_ports_are_told_apart_by_protocol()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/services/s?fieldManager=me";
        const string config = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {a: b}, ports: [PORTS]}";
        const string udp = "{name: udp, port: 53, protocol: UDP}", tcp = "{name: tcp, port: 53}";
        var made = await server.Expect(201, HttpMethod.Patch, path, config.Replace("PORTS", $"{udp}, {tcp}"), Apply);
        var entry = Assert.Single(made["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Null(entry["fieldsV1"]!["f:spec"]!["f:clusterIP"]);
        Assert.Equal(["k:{\"port\":53,\"protocol\":\"TCP\"}", "k:{\"port\":53,\"protocol\":\"UDP\"}"], entry["fieldsV1"]!["f:spec"]!["f:ports"]!.AsObject().Select(port => port.Key));
        var after = await server.Expect(200, HttpMethod.Patch, path, config.Replace("PORTS", tcp), Apply);
        Assert.Equal((string?)made["spec"]!["clusterIP"], (string?)after["spec"]!["clusterIP"]);
        Assert.Equal("tcp", (string?)Assert.Single(after["spec"]!["ports"]!.AsArray())!["name"]);
    }

    [Fact]
    public async Task An_autoscaler_takes_the_replicas_over()
    {
        var path = await Deployments();
        await server.Expect(201, HttpMethod.Patch, $"{path}/web?fieldManager=me", Deployment, Apply);
        await server.Expect(200, HttpMethod.Patch, $"{path}/web/scale?fieldManager=hpa", """{"spec":{"replicas":7}}""", MergePatch);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"hpa\" with subresource \"scale\" using apps/v1: .spec.replicas",
            (string?)(await server.Expect(409, HttpMethod.Patch, $"{path}/web?fieldManager=me", Deployment, Apply))["message"]);
        var handed = await server.Expect(200, HttpMethod.Patch, $"{path}/web?fieldManager=me", Deployment.Replace("replicas: 3", "paused: false"), Apply);
        Assert.Equal(7, (int)handed["spec"]!["replicas"]!);
        var scale = await server.Expect(200, HttpMethod.Patch, $"{path}/web/scale?fieldManager=tool&force=true", """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"},"spec":{"replicas":2}}""", Apply);
        Assert.Equal(2, (int)scale["spec"]!["replicas"]!);
        Assert.Contains((await server.Expect(200, HttpMethod.Get, $"{path}/web"))["metadata"]!["managedFields"]!.AsArray(),
            entry => (string?)entry!["manager"] == "tool" && (string?)entry["operation"] == "Apply" && (string?)entry["subresource"] == "scale");
    }

    [Fact]
    public async Task The_status_is_applied_through_its_subresource_only()
    {
        var path = await Deployments();
        await server.Expect(201, HttpMethod.Patch, $"{path}/web?fieldManager=me", Deployment + "\nstatus: {replicas: 9}", Apply);
        const string status = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"no":"1"}},"spec":{"replicas":8},"status":{"conditions":[{"type":"Mine","status":"True"}]}}""";
        var after = await server.Expect(200, HttpMethod.Patch, $"{path}/web/status?fieldManager=ctl", status, Apply);
        Assert.Equal(3, (int)after["spec"]!["replicas"]!);
        Assert.Null(after["status"]!["replicas"]);
        Assert.Equal("Mine", (string?)after["status"]!["conditions"]![0]!["type"]);
        var entry = Assert.Single(after["metadata"]!["managedFields"]!.AsArray(), entry => (string?)entry!["manager"] == "ctl")!;
        Assert.Equal("status", (string?)entry["subresource"]);
        Assert.Equal("""{"f:status":{"f:conditions":{"k:{\"type\":\"Mine\"}":{".":{},"f:status":{},"f:type":{}}}}}""", Json(entry["fieldsV1"]));
        await server.Expect(404, HttpMethod.Patch, $"{path}/none/status?fieldManager=ctl", status.Replace("web", "none"), Apply);
    }

    [Fact]
    public async Task The_resource_version_is_a_precondition_and_dry_run_stores_nothing()
    {
        var path = await Maps();
        await server.Expect(201, HttpMethod.Patch, $"{path}/a?fieldManager=me&dryRun=All", Map("a: x"), Apply);
        await server.Expect(404, HttpMethod.Get, $"{path}/a");
        var made = await server.Expect(201, HttpMethod.Patch, $"{path}/a?fieldManager=me", Map("a: x"), Apply);
        var current = (string)made["metadata"]!["resourceVersion"]!;
        var versioned = Map("a: y").Replace("name: a", $"name: a\n  resourceVersion: \"{current}\"");
        Assert.Equal("y", (string?)(await server.Expect(200, HttpMethod.Patch, $"{path}/a?fieldManager=me&dryRun=All", versioned, Apply))["data"]!["a"]);
        await server.Expect(200, HttpMethod.Patch, $"{path}/a?fieldManager=me", versioned, Apply);
        await server.Refused(409, "Conflict", "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again",
            HttpMethod.Patch, $"{path}/a?fieldManager=me", versioned.Replace("a: y", "a: z"), Apply);
        await server.Expect(409, HttpMethod.Patch, $"{path}/b?fieldManager=me", versioned.Replace("name: a", "name: b"), Apply);
    }

    [Theory]
    [InlineData(422, "", "{}", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")]
    [InlineData(400, "fieldManager=me", "{}", "invalid object type: /, Kind=")]
    [InlineData(400, "fieldManager=me", "{apiVersion: v1, kind: Pod, metadata: {name: a}}", "invalid object type: /v1, Kind=Pod")]
    [InlineData(400, "fieldManager=me", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, managedFields: []}}", "metadata.managedFields must be nil")]
    [InlineData(400, "fieldManager=me", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", "the name of the object (b) does not match the name on the URL (a)")]
    [InlineData(400, "fieldManager=me", "{apiVersion: v1, kind: ConfigMap}", "the name of the object (a based on URL) was undeterminable: name must be provided")]
    [InlineData(400, "fieldManager=me", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: elsewhere}}", "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData(400, "fieldManager=me", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dat: {}, data: []}", "failed to create typed patch object (/a; /v1, Kind=ConfigMap): errors:\n  .dat: field not declared in schema\n  .data: expected map, got list")]
    [InlineData(400, "fieldManager=me&fieldValidation=Strict", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","x":"2"}}""", "error strict decoding YAML: duplicate field \"data.x\"")]
    public async Task What_cannot_be_applied_is_refused(int code, string query, string config, string message)
    {
        var path = await Maps();
        await server.Refused(code, code == 422 ? "Invalid" : "BadRequest", message, HttpMethod.Patch, $"{path}/a?{query}", config, Apply);
        await server.Expect(404, HttpMethod.Get, $"{path}/a");
    }

    [Fact]
    public async Task Entries_of_a_list_have_their_keys_and_stand_once()
    {
        var path = await Deployments();
        var status = await server.Expect(400, HttpMethod.Patch, $"{path}/web?fieldManager=me", Deployment.Replace("{name: A, value: \"1\"}", "{name: B, value: \"1\"}, {value: \"1\"}"), Apply);
        Assert.Equal("failed to create typed patch object (/web; apps/v1, Kind=Deployment): errors:\n"
            + "  .spec.template.spec.containers[name=\"web\"].env: element 1: associative list with keys has an element that omits key field \"name\" (and doesn't have default value)\n"
            + "  .spec.template.spec.containers[name=\"web\"].env: duplicate entries for key [name=\"B\"]", (string?)status["message"]);
    }

    [Fact]
    public async Task Other_forms_of_apply_are_not_understood()
    {
        using var response = await server.Send(HttpMethod.Patch, $"{await Maps()}/a?fieldManager=me", "x", "application/apply-patch+cbor");
        Assert.Equal(415, (int)response.StatusCode);
    }

    [Fact]
    public async Task An_object_nobody_kept_account_of_belongs_to_those_before()
    {
        var path = await Maps();
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"},"data":{"a":"x"}}""");
        await server.Expect(200, HttpMethod.Patch, $"{path}/a", """{"metadata":{"managedFields":[{}]}}""", MergePatch);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.a",
            (string?)(await server.Expect(409, HttpMethod.Patch, $"{path}/a?fieldManager=me", Map("a: y"), Apply))["message"]);
    }

    [Fact]
    public async Task Kubectl_may_take_what_its_client_side_apply_set_and_keeps_the_annotation_in_step()
    {
        var path = await Maps();
        const string annotation = "kubectl.kubernetes.io/last-applied-configuration";
        const string last = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"annotations":{},"name":"a"},"data":{"a":"x","b":"x"}}""";
        var body = (JsonObject)JsonNode.Parse(last)!;
        body["metadata"]!["annotations"]![annotation] = last + "\n";
        await server.Expect(201, HttpMethod.Post, $"{path}?fieldManager=kubectl-client-side-apply", body.ToJsonString());
        await server.Expect(200, HttpMethod.Patch, $"{path}/a?fieldManager=editor", """{"data":{"b":"edited"}}""", MergePatch);
        // Not what somebody else has changed since.
        Assert.Equal("Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.b",
            (string?)(await server.Expect(409, HttpMethod.Patch, $"{path}/a?fieldManager=kubectl", Map("a: y\n  b: y"), Apply))["message"]);
        await server.Expect(409, HttpMethod.Patch, $"{path}/a?fieldManager=stranger", Map("a: y"), Apply);
        var taken = await server.Expect(200, HttpMethod.Patch, $"{path}/a?fieldManager=kubectl", Map("a: y"), Apply);
        Assert.Equal("""{"a":"y","b":"edited"}""", Json(taken["data"]));
        var kept = JsonNode.Parse((string)taken["metadata"]!["annotations"]![annotation]!)!;
        Assert.Equal("""{"a":"y"}""", Json(kept["data"]));
    }

    [Fact]
    public async Task Many_appliers_at_once_all_succeed()
    {
        var path = await Maps();
        var codes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var response = await server.Send(HttpMethod.Patch, $"{path}/a?fieldManager=m{i}", Map($"k{i}: x"), Apply);
            return (int)response.StatusCode;
        }));
        Assert.Single(codes, 201);
        Assert.Equal(19, codes.Count(code => code == 200));
        Assert.Equal(20, (await server.Expect(200, HttpMethod.Get, $"{path}/a"))["data"]!.AsObject().Count);
    }

    private async Task<string> Maps() => $"/api/v1/namespaces/{await server.Namespace()}/configmaps";

    private async Task<string> Deployments() => $"/apis/apps/v1/namespaces/{await server.Namespace()}/deployments";

    private static string Map(string data) => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  {data}\n";

    /// <summary>The manifest as the body of a create.</summary>
    private static string Body(string yaml) => global::ControlPlane.ApiServer.YamlBody.Parse(yaml, out _)!.ToJsonString();

    private static string Json(JsonNode? node) => node!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
