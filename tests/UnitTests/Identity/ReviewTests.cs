using UnitTests.ApiServer;
using Xunit;

namespace UnitTests.Identity;

[Collection("ApiServer")]
public sealed class ReviewTests(TestServer server)
{
    private const string Group = "/apis/authorization.k8s.io/v1";

    [Fact]
    public async Task A_review_answers_what_a_request_would()
    {
        using var dns = server.Client("system:kube-scheduler");
        var body = """{"spec":{"resourceAttributes":{"verb":"create","resource":"pods","subresource":"binding","namespace":"default"}}}""";
        var mine = (await server.Expect(201, HttpMethod.Post, $"{Group}/selfsubjectaccessreviews", body, client: dns))["status"]!;
        Assert.True((bool)mine["allowed"]!);
        Assert.Equal("RBAC: allowed by ClusterRoleBinding \"system:kube-scheduler\" of ClusterRole \"system:kube-scheduler\" to User \"system:kube-scheduler\"", (string?)mine["reason"]);
        var theirs = await server.Expect(201, HttpMethod.Post, $"{Group}/subjectaccessreviews", body.Replace("{\"spec\":{", "{\"spec\":{\"user\":\"jane\","));
        Assert.False((bool)theirs["status"]!["allowed"]!);
        var path = await server.Expect(201, HttpMethod.Post, $"{Group}/subjectaccessreviews", """{"spec":{"groups":["system:authenticated"],"nonResourceAttributes":{"path":"/openapi/v2","verb":"get"}}}""");
        Assert.True((bool)path["status"]!["allowed"]!);
        var local = await server.Expect(201, HttpMethod.Post, $"{Group}/namespaces/default/localsubjectaccessreviews", """{"spec":{"groups":["system:masters"],"resourceAttributes":{"namespace":"default","verb":"get","resource":"pods"}}}""");
        Assert.True((bool)local["status"]!["allowed"]!);
    }

    [Fact]
    public async Task What_is_no_question_is_refused()
    {
        await server.Refused(422, "Invalid", "SelfSubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
            HttpMethod.Post, $"{Group}/selfsubjectaccessreviews", "{}");
        await server.Refused(422, "Invalid", "SubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.user: Invalid value: \"\": at least one of user or group must be specified",
            HttpMethod.Post, $"{Group}/subjectaccessreviews", """{"spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}""");
        await server.Refused(422, "Invalid", "LocalSubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.resourceAttributes.namespace: Invalid value: \"x\": must match metadata.namespace",
            HttpMethod.Post, $"{Group}/namespaces/default/localsubjectaccessreviews", """{"spec":{"user":"a","resourceAttributes":{"namespace":"x","verb":"get","resource":"pods"}}}""");
        await server.Expect(405, HttpMethod.Get, $"{Group}/selfsubjectaccessreviews");
    }

    [Fact]
    public async Task Rules_of_oneself_are_those_of_all_bindings()
    {
        using var jane = server.Client("jane");
        var rules = (await server.Expect(201, HttpMethod.Post, $"{Group}/selfsubjectrulesreviews", """{"spec":{"namespace":"default"}}""", client: jane))["status"]!;
        Assert.False((bool)rules["incomplete"]!);
        Assert.Contains(rules["resourceRules"]!.AsArray(), rule => rule!["resources"]!.ToJsonString().Contains("selfsubjectaccessreviews", StringComparison.Ordinal));
        Assert.Contains(rules["nonResourceRules"]!.AsArray(), rule => rule!["nonResourceURLs"]!.ToJsonString().Contains("/api", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Impersonation_needs_the_right_to_it_and_takes_the_others_rights()
    {
        await server.Refused(403, "Forbidden", "users \"system:kube-scheduler\" is forbidden: User \"jane\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope",
            HttpMethod.Get, "/api/v1/nodes", client: As(server.Client("jane"), ("Impersonate-User", "system:kube-scheduler")));
        using var scheduler = As(server.Client("admin", "system:masters"), ("Impersonate-User", "system:kube-scheduler"));
        await server.Expect(200, HttpMethod.Get, "/api/v1/nodes", client: scheduler);
        await server.Refused(403, "Forbidden", "secrets is forbidden: User \"system:kube-scheduler\" cannot list resource \"secrets\" in API group \"\" at the cluster scope", HttpMethod.Get, "/api/v1/secrets", client: scheduler);
        using var account = As(server.Client("admin", "system:masters"), ("Impersonate-User", "system:serviceaccount:default:robot"), ("Impersonate-Extra-scopes", "view"));
        var who = (await server.Expect(201, HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", client: account))["status"]!["userInfo"]!;
        Assert.Equal("""["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"]""", who["groups"]!.ToJsonString());
        Assert.Equal("""{"scopes":["view"]}""", who["extra"]!.ToJsonString());
        using var nobody = As(server.Client("admin", "system:masters"), ("Impersonate-Group", "x"));
        await server.Expect(400, HttpMethod.Get, "/api/v1/nodes", client: nobody);
    }

    private static HttpClient As(HttpClient client, params (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers) client.DefaultRequestHeaders.Add(name, value);
        return client;
    }
}
