using Xunit;

namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class AccessTests(TestServer server)
{
    [Theory]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"user":"jane","resourceAttributes":{"verb":"list","resource":"pods"}}}""", "metadata: Invalid value: {\"name\":\"x\"}: must be empty")]
    [InlineData("""{"spec":{"user":"jane","resourceAttributes":{"verb":"list","resource":"pods","fieldSelector":{"rawSelector":"a=b","requirements":[{"key":"a","operator":"In","values":["b"]}]}}}}""",
        "spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: \"a=b\": may not specified at the same time as requirements")]
    [InlineData("""{"spec":{"user":"jane","resourceAttributes":{"verb":"list","resource":"pods","labelSelector":{}}}}""",
        "spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required")]
    [InlineData("""{"spec":{"user":"jane","resourceAttributes":{"verb":"list","resource":"pods","labelSelector":{"requirements":[{"key":"a","operator":"In"}]}}}}""",
        "spec.resourceAttributes.labelSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'")]
    public async Task A_review_that_asks_for_two_things_or_for_none_is_refused(string review, string why)
    {
        const string path = "/apis/authorization.k8s.io/v1/";
        await server.Refused(422, "Invalid", $"SubjectAccessReview.authorization.k8s.io \"\" is invalid: {why}", HttpMethod.Post, path + "subjectaccessreviews", review);
        await server.Refused(422, "Invalid", $"SelfSubjectAccessReview.authorization.k8s.io \"\" is invalid: {why}", HttpMethod.Post, path + "selfsubjectaccessreviews", review.Replace("\"user\":\"jane\",", ""));
        await server.Expect(201, HttpMethod.Post, path + "selfsubjectaccessreviews", """{"metadata":{"creationTimestamp":null},"spec":{"resourceAttributes":{"verb":"list","resource":"pods"}}}""");
    }

    [Fact]
    public async Task Without_a_certificate_only_health_and_version_answer()
    {
        using var client = server.Anonymous();
        foreach (var path in new[] { "/healthz", "/livez", "/readyz" })
            Assert.Equal("ok", await client.GetStringAsync(path));
        Assert.Equal("v1.36.0+nodeagent", (string?)(await server.Expect(200, HttpMethod.Get, "/version", client: client))["gitVersion"]);
        await server.Refused(403, "Forbidden", "pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"",
            HttpMethod.Get, "/api/v1/namespaces/default/pods", client: client);
        await server.Expect(403, HttpMethod.Get, "/api", client: client);
        await server.Expect(403, HttpMethod.Get, "/api/v1/gadgets", client: client);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_unauthorized()
    {
        using var client = server.Stranger();
        await server.Refused(401, "Unauthorized", "Unauthorized", HttpMethod.Get, "/api/v1/namespaces/default/pods", client: client);
    }

    [Fact]
    public async Task A_user_without_rights_is_forbidden()
    {
        using var jane = server.Client("jane", "developers");
        await server.Expect(200, HttpMethod.Get, "/api", client: jane);
        await server.Refused(403, "Forbidden", "nodes is forbidden: User \"jane\" cannot list resource \"nodes\" in API group \"\" at the cluster scope", HttpMethod.Get, "/api/v1/nodes", client: jane);
        await server.Refused(403, "Forbidden", "deployments.apps \"web\" is forbidden: User \"jane\" cannot patch resource \"deployments/scale\" in API group \"apps\" in the namespace \"default\"",
            HttpMethod.Patch, "/apis/apps/v1/namespaces/default/deployments/web/scale", "{}", client: jane);
    }

    [Fact]
    public async Task A_node_reaches_what_concerns_it_and_nothing_else()
    {
        var ns = await server.Namespace();
        using var node = server.Client("system:node:n1", "system:nodes");
        await Pod(ns, "mine", "n1");
        await Pod(ns, "theirs", "n2");

        await server.Expect(201, HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"n1"}}""", client: node);
        await server.Expect(403, HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"n2"}}""", client: node);
        await server.Expect(200, HttpMethod.Patch, "/api/v1/nodes/n1/status", """{"status":{"phase":"Running"}}""", "application/merge-patch+json", node);
        await server.Expect(403, HttpMethod.Patch, "/api/v1/nodes/n2/status", "{}", "application/merge-patch+json", node);
        await server.Expect(201, HttpMethod.Post, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", """{"metadata":{"name":"n1"},"spec":{"leaseDurationSeconds":40}}""", client: node);
        await server.Expect(403, HttpMethod.Post, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", """{"metadata":{"name":"n2"}}""", client: node);
        await server.Expect(403, HttpMethod.Get, $"/api/v1/namespaces/{ns}/secrets", client: node);
        await server.Expect(403, HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps/x", client: node);
        await server.Expect(200, HttpMethod.Get, "/api/v1/services", client: node);
        await server.Expect(200, HttpMethod.Get, "/apis/discovery.k8s.io/v1/endpointslices", client: node);

        await server.Expect(403, HttpMethod.Get, "/api/v1/pods", client: node);
        await server.Expect(403, HttpMethod.Get, "/api/v1/pods?fieldSelector=spec.nodeName%3Dn2", client: node);
        await server.Expect(403, HttpMethod.Get, "/api/v1/pods?fieldSelector=spec.nodeName!%3Dn1", client: node);
        var own = await server.Expect(200, HttpMethod.Get, "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", client: node);
        Assert.Equal("mine", (string?)own["items"]!.AsArray().Single()!["metadata"]!["name"]);
        await server.Expect(200, HttpMethod.Patch, $"/api/v1/namespaces/{ns}/pods/mine/status", """{"status":{"phase":"Running"}}""", "application/merge-patch+json", node);
        await server.Expect(403, HttpMethod.Patch, $"/api/v1/namespaces/{ns}/pods/theirs/status", "{}", "application/merge-patch+json", node);
        await server.Expect(403, HttpMethod.Delete, $"/api/v1/namespaces/{ns}/pods/theirs", client: node);
        await server.Expect(403, HttpMethod.Delete, $"/api/v1/namespaces/{ns}/pods?fieldSelector=spec.nodeName%3Dn1", client: node);
        await server.Expect(200, HttpMethod.Delete, $"/api/v1/namespaces/{ns}/pods/mine", """{"gracePeriodSeconds":0}""", client: node);
        await server.Expect(404, HttpMethod.Delete, $"/api/v1/namespaces/{ns}/pods/mine", client: node);
    }

    private async Task Pod(string ns, string name, string node)
    {
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"NAME"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}""".Replace("NAME", name));
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods/{name}/binding", """{"metadata":{"name":"NAME"},"target":{"kind":"Node","name":"NODE"}}""".Replace("NAME", name).Replace("NODE", node));
    }
}
