using UnitTests.ApiServer;
using Xunit;

namespace UnitTests.Identity;

[Collection("ApiServer")]
public sealed class RbacTests(TestServer server)
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    private static int users;

    [Fact]
    public async Task A_role_binding_gives_its_role_in_its_namespace_and_no_longer_than_it_is_there()
    {
        var (ns, other) = (await server.Namespace(), await server.Namespace());
        var (name, client) = User();
        await server.Expect(403, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods", client: client);
        await Role(ns, "reader", """{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}""");
        await Bind(ns, "reads", "Role", "reader", name);
        await server.Expect(200, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods", client: client);
        await server.Expect(404, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods/x", client: client);
        await server.Refused(403, "Forbidden", $"pods is forbidden: User \"{name}\" cannot list resource \"pods\" in API group \"\" in the namespace \"{other}\"",
            HttpMethod.Get, $"/api/v1/namespaces/{other}/pods", client: client);
        await server.Refused(403, "Forbidden", $"pods is forbidden: User \"{name}\" cannot list resource \"pods\" in API group \"\" at the cluster scope", HttpMethod.Get, "/api/v1/pods", client: client);
        await server.Expect(403, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", "{}", client: client);
        await server.Expect(200, HttpMethod.Delete, $"{Rbac}/namespaces/{ns}/rolebindings/reads");
        await server.Expect(403, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods", client: client);
    }

    [Fact]
    public async Task A_cluster_role_binding_holds_everywhere_and_for_groups()
    {
        var (name, _) = User();
        using var client = server.Client("somebody", "group-" + name);
        await server.Expect(201, HttpMethod.Post, $"{Rbac}/clusterrolebindings",
            """{"metadata":{"name":"NAME"},"roleRef":{"kind":"ClusterRole","name":"system:kube-dns"},"subjects":[{"kind":"Group","name":"group-NAME"}]}""".Replace("NAME", name));
        await server.Expect(200, HttpMethod.Get, "/api/v1/services", client: client);
        await server.Expect(200, HttpMethod.Get, "/api/v1/namespaces/default/endpoints", client: client);
        await server.Expect(403, HttpMethod.Get, "/api/v1/namespaces/default/secrets", client: client);
    }

    [Fact]
    public async Task A_rule_with_names_allows_these_objects_and_lists_of_them()
    {
        var ns = await server.Namespace();
        var (name, client) = User();
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"mine"}}""");
        await Role(ns, "one", """{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["mine"],"verbs":["*"]}""");
        await Bind(ns, "one", "Role", "one", name);
        await server.Expect(200, HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps/mine", client: client);
        await server.Expect(200, HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps?fieldSelector=metadata.name%3Dmine", client: client);
        await server.Expect(403, HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps/other", client: client);
        await server.Expect(403, HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps", client: client);
        await server.Expect(403, HttpMethod.Delete, $"/api/v1/namespaces/{ns}/configmaps", client: client);
    }

    [Fact]
    public async Task A_refusal_names_the_role_that_a_binding_has_and_that_is_not_there()
    {
        var ns = await server.Namespace();
        var (name, client) = User();
        await Bind(ns, "broken", "ClusterRole", "no-such-role", name);
        await server.Refused(403, "Forbidden", $"pods is forbidden: User \"{name}\" cannot list resource \"pods\" in API group \"\" in the namespace \"{ns}\": "
            + "RBAC: clusterrole.rbac.authorization.k8s.io \"no-such-role\" not found", HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods", client: client);
    }

    [Fact]
    public async Task Nobody_gives_rights_that_they_do_not_have()
    {
        var ns = await server.Namespace();
        var (name, client) = User();
        await Role(ns, "lord", """{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["*"],"resourceNames":[]},{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}""");
        // All verbs include escalate and bind: these are taken out.
        await server.Expect(200, HttpMethod.Patch, $"{Rbac}/namespaces/{ns}/roles/lord",
            """[{"op":"replace","path":"/rules/0/verbs","value":["create","update","patch","get"]}]""", "application/json-patch+json");
        await Bind(ns, "lord", "Role", "lord", name);
        await server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/roles", """{"metadata":{"name":"same"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""", client: client);
        await server.Refused(403, "Forbidden",
            $"roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"{name}\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
            + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"list\"]}\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}",
            HttpMethod.Post, $"{Rbac}/namespaces/{ns}/roles",
            """{"metadata":{"name":"more"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get","delete","list"]},{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]}""", client: client);
        await server.Expect(403, HttpMethod.Patch, $"{Rbac}/namespaces/{ns}/roles/same", """{"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""", "application/merge-patch+json", client);
        await server.Expect(200, HttpMethod.Patch, $"{Rbac}/namespaces/{ns}/roles/same", """{"metadata":{"labels":{"a":"b"}}}""", "application/merge-patch+json", client);

        await server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/rolebindings", Binding("own", "Role", "same", name), client: client);
        await server.Expect(403, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/rolebindings", Binding("all", "ClusterRole", "cluster-admin", name), client: client);
        await server.Refused(404, "NotFound", "clusterroles.rbac.authorization.k8s.io \"none\" not found", HttpMethod.Post, $"{Rbac}/namespaces/{ns}/rolebindings", Binding("none", "ClusterRole", "none", name), client: client);
        await Role(ns, "binder", """{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["view"],"verbs":["bind"]}""");
        await Bind(ns, "binder", "Role", "binder", name);
        await server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/rolebindings", Binding("view", "ClusterRole", "view", name), client: client);
    }

    [Fact]
    public async Task An_update_or_apply_that_would_create_needs_the_right_to_create()
    {
        var ns = await server.Namespace();
        var (name, client) = User();
        await Role(ns, "writer", """{"apiGroups":[""],"resources":["configmaps"],"verbs":["get","update","patch"]}""");
        await Bind(ns, "writer", "Role", "writer", name);
        var path = $"/api/v1/namespaces/{ns}/configmaps/new";
        var refusal = $"configmaps \"new\" is forbidden: User \"{name}\" cannot create resource \"configmaps\" in API group \"\" in the namespace \"{ns}\"";
        const string Body = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new"}}""";
        await server.Refused(403, "Forbidden", refusal, HttpMethod.Patch, path + "?fieldManager=me", Body, "application/apply-patch+yaml", client);
        using (var put = await server.Send(HttpMethod.Put, path, Body, client: client)) Assert.Contains((int)put.StatusCode, new[] { 403, 404 }); // a kind may or may not be created by PUT
        await server.Expect(404, HttpMethod.Get, path);
        await server.Expect(201, HttpMethod.Patch, path + "?fieldManager=me", Body, "application/apply-patch+yaml");
        await server.Expect(200, HttpMethod.Patch, path + "?fieldManager=me&force=true", Body.Replace("}}", "},\"data\":{\"a\":\"b\"}}"), "application/apply-patch+yaml", client);
    }

    [Fact]
    public async Task Somebody_may_read_a_namespace_by_a_role_in_it()
    {
        var ns = await server.Namespace();
        var (name, client) = User();
        await Role(ns, "ns", """{"apiGroups":[""],"resources":["namespaces"],"verbs":["get"]}""");
        await Bind(ns, "ns", "Role", "ns", name);
        await server.Expect(200, HttpMethod.Get, $"/api/v1/namespaces/{ns}", client: client);
        await server.Expect(403, HttpMethod.Get, "/api/v1/namespaces/default", client: client);
    }

    [Fact]
    public async Task Default_roles_are_there_and_those_who_ask_for_nothing_served_are_not_told_so()
    {
        foreach (var role in new[] { "cluster-admin", "admin", "edit", "view", "system:node", "system:discovery", "system:controller:deployment-controller" })
        {
            var found = await server.Expect(200, HttpMethod.Get, $"{Rbac}/clusterroles/{role}");
            Assert.Equal("true", (string?)found["metadata"]!["annotations"]!["rbac.authorization.kubernetes.io/autoupdate"]);
            Assert.Equal("rbac-defaults", (string?)found["metadata"]!["labels"]!["kubernetes.io/bootstrapping"]);
        }
        var (name, client) = User();
        await server.Refused(403, "Forbidden", $"gadgets.example.com is forbidden: User \"{name}\" cannot list resource \"gadgets\" in API group \"example.com\" in the namespace \"default\"",
            HttpMethod.Get, "/apis/example.com/v1/namespaces/default/gadgets", client: client);
        await server.Refused(403, "Forbidden", $"forbidden: User \"{name}\" cannot get path \"/metrics\"", HttpMethod.Get, "/metrics", client: client);
    }

    private (string Name, HttpClient Client) User()
    {
        var name = $"user-{Interlocked.Increment(ref users)}";
        return (name, server.Client(name));
    }

    private Task Role(string ns, string name, string rules) =>
        server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/roles", """{"metadata":{"name":"NAME"},"rules":[RULES]}""".Replace("NAME", name).Replace("RULES", rules));

    private Task Bind(string ns, string name, string kind, string role, string user) => server.Expect(201, HttpMethod.Post, $"{Rbac}/namespaces/{ns}/rolebindings", Binding(name, kind, role, user));

    private static string Binding(string name, string kind, string role, string user) =>
        """{"metadata":{"name":"NAME"},"roleRef":{"kind":"KIND","name":"ROLE"},"subjects":[{"kind":"User","name":"USER"}]}"""
            .Replace("NAME", name).Replace("KIND", kind).Replace("ROLE", role).Replace("USER", user);
}
