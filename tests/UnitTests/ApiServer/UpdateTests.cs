using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>PUT: what it creates, what it insists on, and what a status may say.</summary>
[Collection(nameof(ApiServer))]
public sealed class UpdateTests(TestServer server)
{
    [Theory]
    [InlineData("/apis/coordination.k8s.io/v1", "leases", "{}")]
    [InlineData("/api/v1", "endpoints", "{}")]
    [InlineData("/api/v1", "services", """{"spec":{"ports":[{"port":80}]}}""")]
    [InlineData("/apis/rbac.authorization.k8s.io/v1", "roles", """{"rules":[]}""")]
    public async Task Some_kinds_are_created_by_a_PUT(string group, string resource, string body)
    {
        var path = $"{group}/namespaces/{await server.Namespace()}/{resource}/a";
        var obj = JsonNode.Parse(body)!.AsObject();
        obj["metadata"] = new JsonObject { ["name"] = "a" };
        await server.Expect(201, HttpMethod.Put, path, obj.ToJsonString());
        var stored = await server.Expect(200, HttpMethod.Get, path);
        Assert.NotNull((string?)stored["metadata"]!["uid"]);
        stored["metadata"]!["labels"] = new JsonObject { ["x"] = "y" };
        await server.Expect(200, HttpMethod.Put, path, stored.ToJsonString());
        await server.Expect(200, HttpMethod.Delete, path);
        await server.Expect(409, HttpMethod.Put, path, stored.ToJsonString()); // it names the uid of the one that is gone
    }

    [Fact]
    public async Task Other_kinds_must_be_there()
    {
        var ns = await server.Namespace();
        await server.Refused(404, "NotFound", "configmaps \"a\" not found", HttpMethod.Put, $"/api/v1/namespaces/{ns}/configmaps/a", """{"metadata":{"name":"a"}}""");
        await server.Refused(404, "NotFound", "configmaps \"a\" not found", HttpMethod.Patch, $"/api/v1/namespaces/{ns}/configmaps/a", "{}", "application/merge-patch+json");
        await server.Refused(404, "NotFound", "services \"a\" not found", HttpMethod.Put, $"/api/v1/namespaces/{ns}/services/a/status", """{"metadata":{"name":"a"}}""");
    }

    [Fact]
    public async Task A_PUT_of_a_lease_must_name_its_revision()
    {
        var path = $"/apis/coordination.k8s.io/v1/namespaces/{await server.Namespace()}/leases";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"}}""");
        await server.Refused(422, "Invalid", "Lease.coordination.k8s.io \"a\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update",
            HttpMethod.Put, $"{path}/a", """{"metadata":{"name":"a"}}""");
    }

    [Fact]
    public async Task A_revision_that_is_no_number_is_invalid_and_zero_means_any()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/configmaps";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"}}""");
        await server.Refused(422, "Invalid", "ConfigMap \"a\" is invalid: metadata.resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax",
            HttpMethod.Put, $"{path}/a", """{"metadata":{"name":"a","resourceVersion":"x"}}""");
        await server.Expect(200, HttpMethod.Put, $"{path}/a", """{"metadata":{"name":"a","resourceVersion":"0"},"data":{"k":"v"}}""");
    }

    [Fact]
    public async Task Names_that_differ_between_URL_and_body_are_refused()
    {
        var ns = await server.Namespace();
        await server.Refused(400, "BadRequest", "the name of the object (b) does not match the name on the URL (a)", HttpMethod.Put, $"/api/v1/namespaces/{ns}/configmaps/a", """{"metadata":{"name":"b"}}""");
        await server.Refused(400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"b","namespace":"default"}}""");
    }

    [Theory]
    [InlineData("""{"replicas":-1}""", "status.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("""{"replicas":1,"readyReplicas":2}""", "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas")]
    [InlineData("""{"replicas":2,"readyReplicas":1,"availableReplicas":2}""", "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas")]
    public async Task A_status_that_cannot_be_is_invalid(string status, string message)
    {
        var path = $"/apis/apps/v1/namespaces/{await server.Namespace()}/replicasets";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        await server.Refused(422, "Invalid", $"ReplicaSet.apps \"a\" is invalid: {message}", HttpMethod.Patch, $"{path}/a/status", $$"""{"status":{{status}}}""", "application/merge-patch+json");
    }

    [Theory]
    [InlineData("""{"podIPs":[{"ip":"10.0.0.300"}]}""", "status.podIPs[0]: Invalid value: \"10.0.0.300\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"qosClass":"Guaranteed"}""", "status.qosClass: Invalid value: \"Guaranteed\": field is immutable")]
    [InlineData("""{"containerStatuses":[{"name":"c","ready":false,"restartCount":0,"image":"i","imageID":"","state":{"running":{}}}]}""", "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state")]
    public async Task A_pod_status_that_cannot_be_is_invalid(string status, string message)
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/pods";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"a"},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}""");
        await server.Expect(200, HttpMethod.Patch, $"{path}/a/status", """{"status":{"containerStatuses":[{"name":"c","ready":false,"restartCount":0,"image":"i","imageID":"","state":{"terminated":{"exitCode":0}}}]}}""", "application/merge-patch+json");
        await server.Refused(422, "Invalid", $"Pod \"a\" is invalid: {message}", HttpMethod.Patch, $"{path}/a/status", $$"""{"status":{{status}}}""", "application/merge-patch+json");
    }

    [Fact]
    public async Task A_namespace_is_terminating_only_when_it_is_deleted()
    {
        var ns = await server.Namespace();
        await server.Refused(422, "Invalid", $"Namespace \"{ns}\" is invalid: status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty",
            HttpMethod.Patch, $"/api/v1/namespaces/{ns}/status", """{"status":{"phase":"Terminating"}}""", "application/merge-patch+json");
    }
}
