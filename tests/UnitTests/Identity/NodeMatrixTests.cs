using ControlPlane.Registry;
using UnitTests.ApiServer;
using UnitTests.Certificates;
using Xunit;

namespace UnitTests.Identity;

/// <summary>Every kind and subresource, every verb: what a node's agent may, and nothing besides.</summary>
[Collection("ApiServer")]
public sealed class NodeMatrixTests(TestServer server)
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>
    /// Verbs on what is the node's own: the Node and Lease of its name, and the objects that its pod "mine" refers to, by
    /// name; "other" are objects of the same kinds that are not. A create is authorized without a name.
    /// </summary>
    private const string Expected = """
        certificatesigningrequests.certificates.k8s.io mine: create get
        certificatesigningrequests.certificates.k8s.io other: create
        configmaps mine: get list watch
        endpoints mine: get list watch
        endpoints other: get list watch
        endpointslices.discovery.k8s.io mine: list watch
        endpointslices.discovery.k8s.io other: list watch
        events mine: create patch update
        events other: create patch update
        events.events.k8s.io mine: create patch update
        events.events.k8s.io other: create patch update
        leases.coordination.k8s.io mine: create delete get patch update
        leases.coordination.k8s.io other: create
        localsubjectaccessreviews.authorization.k8s.io mine: create
        localsubjectaccessreviews.authorization.k8s.io other: create
        nodes mine: create get list patch update watch
        nodes other: create get list watch
        nodes/status mine: patch update
        pods mine: create delete get
        pods other: create delete
        pods/eviction mine: create
        pods/eviction other: create
        pods/status mine: get patch update
        pods/status other: patch update
        secrets mine: get list watch
        selfsubjectaccessreviews.authorization.k8s.io mine: create
        selfsubjectaccessreviews.authorization.k8s.io other: create
        selfsubjectreviews.authentication.k8s.io mine: create
        selfsubjectreviews.authentication.k8s.io other: create
        selfsubjectrulesreviews.authorization.k8s.io mine: create
        selfsubjectrulesreviews.authorization.k8s.io other: create
        serviceaccounts/token mine: create
        services mine: get list watch
        services other: get list watch
        subjectaccessreviews.authorization.k8s.io mine: create
        subjectaccessreviews.authorization.k8s.io other: create
        tokenreviews.authentication.k8s.io mine: create
        tokenreviews.authentication.k8s.io other: create
        """;

    [Fact]
    public async Task A_node_may_do_what_the_table_says_and_nothing_else()
    {
        var ns = await server.Namespace();
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts", """{"metadata":{"name":"mine"}}""");
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", """
            {"metadata":{"name":"mine"},"spec":{"nodeName":"matrix-node","serviceAccountName":"mine","volumes":[{"name":"v","projected":{"sources":[{"secret":{"name":"mine"}}]}}],
             "containers":[{"name":"c","image":"nginx","envFrom":[{"configMapRef":{"name":"mine"}}]}]}}
            """);
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", """
            {"metadata":{"name":"other"},"spec":{"nodeName":"another-node","containers":[{"name":"c","image":"nginx","env":[{"name":"X","valueFrom":{"secretKeyRef":{"name":"other","key":"k"}}}]}]}}
            """);
        using var self = server.Client("system:node:matrix-node", "system:nodes");
        using var another = server.Client("system:node:another-node", "system:nodes");
        foreach (var (client, node, name) in new[] { (self, "matrix-node", "mine"), (another, "another-node", "other") })
            await server.Expect(201, HttpMethod.Post, "/apis/certificates.k8s.io/v1/certificatesigningrequests", TestSigningRequests.Json(name, TestSigningRequests.OfNode(node)), client: client);
        var lines = new List<string>();
        foreach (var (group, plural, subresource, namespaced) in Resources())
            foreach (var whose in new[] { "mine", "other" })
            {
                var name = plural is "nodes" or "leases" && whose == "mine" ? "matrix-node" : whose;
                var allowed = new List<string>();
                foreach (var verb in Verbs)
                    if (await May(verb, group, plural, subresource, plural == "leases" ? "kube-node-lease" : namespaced ? ns : "", subresource.Length == 0 && verb == "create" ? "" : name)) allowed.Add(verb);
                var resource = plural + (group.Length > 0 ? "." + group : "") + (subresource.Length > 0 ? "/" + subresource : "");
                if (allowed.Count > 0) lines.Add($"{resource} {whose}: {string.Join(' ', allowed)}");
            }
        lines.Sort(StringComparer.Ordinal);
        var served = Expected.Split('\n').Where(line => Resources().Any(r => line.StartsWith(r.Plural + (r.Group.Length > 0 ? "." + r.Group : "") + (r.Subresource.Length > 0 ? "/" + r.Subresource : "") + " ", StringComparison.Ordinal)));
        Assert.Equal(string.Join('\n', served.Order(StringComparer.Ordinal)), string.Join('\n', lines));
    }

    [Fact]
    public async Task Where_the_object_must_be_seen_writes_of_others_things_are_refused()
    {
        var ns = await server.Namespace();
        using var node = server.Client("system:node:careful", "system:nodes");
        await server.Expect(201, HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"careful","labels":{"kubernetes.io/hostname":"careful","my/label":"x"}}}""", client: node);
        await Patch(403, "nodes \"careful\" is forbidden: node \"careful\" is not allowed to modify taints", "/api/v1/nodes/careful", """{"spec":{"taints":[{"key":"a","effect":"NoSchedule"}]}}""");
        await Patch(403, "nodes \"careful\" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/team", "/api/v1/nodes/careful", """{"metadata":{"labels":{"node-restriction.kubernetes.io/team":"a"}}}""");
        await server.Expect(200, HttpMethod.Patch, "/api/v1/nodes/careful", """{"metadata":{"labels":{"my/label":"y","topology.kubernetes.io/zone":"z"}}}""", "application/merge-patch+json", node);
        await server.Refused(403, "Forbidden", "nodes \"else\" is forbidden: node \"careful\" is not allowed to modify node \"else\"", HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"else"}}""", client: node);
        await server.Refused(403, "Forbidden", "pods \"p\" is forbidden: pod does not have \"kubernetes.io/config.mirror\" annotation, node \"careful\" can only create mirror pods",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", Pod("p", "careful", ""), client: node);
        await server.Refused(403, "Forbidden", "pods \"p\" is forbidden: node \"careful\" can only create pods with spec.nodeName set to itself",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", Pod("p", "else", Mirror), client: node);
        await server.Refused(403, "Forbidden", "pods \"p\" is forbidden: node \"careful\" can not create pods that reference secrets",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", Pod("p", "careful", Mirror, """,{"name":"s","secret":{"secretName":"s"}}"""), client: node);
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", Pod("p", "careful", Mirror), client: node);
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", Pod("theirs", "else", ""));
        await server.Refused(403, "Forbidden", "pods \"theirs\" is forbidden: node \"careful\" can only delete pods with spec.nodeName set to itself", HttpMethod.Delete, $"/api/v1/namespaces/{ns}/pods/theirs", client: node);
        await server.Expect(200, HttpMethod.Patch, $"/api/v1/namespaces/{ns}/pods/theirs/status", """{"status":{"phase":"Running"}}""", "application/merge-patch+json");
        await server.Refused(403, "Forbidden", "pods \"theirs\" is forbidden: node careful can only evict pods with spec.nodeName set to itself",
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods/theirs/eviction", "{}", client: node);
        Assert.DoesNotContain("DisruptionTarget", (await server.Expect(200, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods/theirs"))["status"]!.ToJsonString(), StringComparison.Ordinal);
        await Patch(403, "pods \"theirs\" is forbidden: node \"careful\" can only update pod status for pods with spec.nodeName set to itself", $"/api/v1/namespaces/{ns}/pods/theirs/status", """{"status":{"phase":"Failed"}}""");
        await server.Refused(403, "Forbidden", "serviceaccounts \"default\" is forbidden: User \"system:node:careful\" cannot create resource \"serviceaccounts/token\" in API group \"\" in the namespace \"" + ns
            + "\": no relationship found between node 'careful' and this object", HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/default/token", "{}", client: node);

        Task Patch(int code, string message, string path, string body) => server.Refused(code, "Forbidden", message, HttpMethod.Patch, path, body, "application/merge-patch+json", node);
    }

    [Fact]
    public async Task A_node_asks_for_certificates_of_its_own_name_only_and_sees_its_own_requests_only()
    {
        const string Path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
        using var node = server.Client("system:node:csr-node", "system:nodes");
        using var thief = server.Client("system:node:csr-thief", "system:nodes");
        await server.Refused(403, "Forbidden", "certificatesigningrequests.certificates.k8s.io \"stolen\" is forbidden: can only create a node CSR with CN=system:node:csr-thief",
            HttpMethod.Post, Path, TestSigningRequests.Json("stolen", TestSigningRequests.OfNode("csr-node")), client: thief);
        var made = await server.Expect(201, HttpMethod.Post, Path, TestSigningRequests.Json("own", TestSigningRequests.OfNode("csr-node")), client: node);
        Assert.Equal("system:node:csr-node", (string?)made["spec"]!["username"]);
        await server.Expect(200, HttpMethod.Get, Path + "/own", client: node);
        await server.Expect(200, HttpMethod.Get, Path + "?fieldSelector=metadata.name%3Down", client: node);
        foreach (var (method, path, body) in new[]
        {
            (HttpMethod.Get, Path + "/own", null), (HttpMethod.Get, Path, null), (HttpMethod.Get, Path + "?fieldSelector=metadata.name%3Down", null), (HttpMethod.Delete, Path + "/own", null),
            (HttpMethod.Patch, Path + "/own", "{}"), (HttpMethod.Patch, Path + "/own/approval", "{}"), (HttpMethod.Patch, Path + "/own/status", "{}"),
        })
            await server.Expect(403, method, path, body, "application/merge-patch+json", thief);
        await server.Expect(403, HttpMethod.Patch, Path + "/own/approval", """{"status":{"conditions":[{"type":"Approved","status":"True"}]}}""", "application/merge-patch+json", node);
    }

    [Fact]
    public async Task A_node_gets_tokens_only_for_its_own_pods_and_bound_to_them()
    {
        var ns = await server.Namespace();
        using var node = server.Client("system:node:token-node", "system:nodes");
        var uid = (string)(await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", Pod("p", "token-node", "")))["metadata"]!["uid"]!;
        await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", Pod("q", "else", ""));
        var path = $"/api/v1/namespaces/{ns}/serviceaccounts/default/token";
        await server.Refused(403, "Forbidden", "serviceaccounts \"default\" is forbidden: node requested token not bound to a pod", HttpMethod.Post, path, "{}", client: node);
        await server.Refused(403, "Forbidden", "serviceaccounts \"default\" is forbidden: node requested token with a pod binding without a uid", HttpMethod.Post, path, Bound("p", ""), client: node);
        await server.Expect(201, HttpMethod.Post, path, Bound("p", uid), client: node);
        var theirs = (string)(await server.Expect(200, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods/q"))["metadata"]!["uid"]!;
        await server.Refused(403, "Forbidden", "serviceaccounts \"default\" is forbidden: node requested token bound to a pod scheduled on a different node", HttpMethod.Post, path, Bound("q", theirs), client: node);
        await server.Expect(200, HttpMethod.Delete, $"/api/v1/namespaces/{ns}/pods/p", """{"gracePeriodSeconds":0}""");
        await server.Expect(403, HttpMethod.Post, path, Bound("p", uid), client: node);

        static string Bound(string pod, string uid) => """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"POD","uid":"UID"}}}""".Replace("POD", pod).Replace("UID", uid);
    }

    private const string Mirror = ""","annotations":{"kubernetes.io/config.mirror":"x"}""";

    private static string Pod(string name, string node, string metadata, string volumes = "") =>
        """{"metadata":{"name":"NAME"METADATA},"spec":{"nodeName":"NODE","volumes":[{"name":"e","emptyDir":{}}VOLUMES],"containers":[{"name":"c","image":"nginx"}]}}"""
            .Replace("NAME", name).Replace("METADATA", metadata).Replace("NODE", node).Replace("VOLUMES", volumes);

    private static IEnumerable<(string Group, string Plural, string Subresource, bool Namespaced)> Resources() => Kinds.All.DistinctBy(kind => kind.Resource.QualifiedName).SelectMany(kind => kind.Subresources.Select(sub => sub.Name).Prepend("")
        .Select(sub => (kind.Resource.Group, kind.Resource.Plural, sub, kind.Resource.Namespaced)));

    private async Task<bool> May(string verb, string group, string resource, string subresource, string ns, string name)
    {
        var answer = await server.Expect(201, HttpMethod.Post, "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            """{"spec":{"user":"system:node:matrix-node","groups":["system:nodes","system:authenticated"],"resourceAttributes":{"verb":"VERB","group":"GROUP","resource":"PLURAL","subresource":"SUB","namespace":"SPACE","name":"NAME"}}}"""
                .Replace("VERB", verb).Replace("GROUP", group).Replace("PLURAL", resource).Replace("SUB", subresource).Replace("SPACE", ns).Replace("NAME", name));
        return (bool)answer["status"]!["allowed"]!;
    }
}
