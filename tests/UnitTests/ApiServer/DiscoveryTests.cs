using ControlPlane.Registry;
using Xunit;

namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class DiscoveryTests(TestServer server)
{
    [Fact]
    public async Task Every_listed_resource_can_be_listed()
    {
        var paths = new List<string> { "/api/v1" };
        foreach (var group in (await server.Expect(200, HttpMethod.Get, "/apis"))["groups"]!.AsArray())
            paths.AddRange(group!["versions"]!.AsArray().Select(version => $"/apis/{(string?)version!["groupVersion"]}"));
        Assert.Contains("/apis/apps/v1", paths);
        foreach (var path in paths)
        {
            var resources = (await server.Expect(200, HttpMethod.Get, path))["resources"]!.AsArray();
            Assert.NotEmpty(resources);
            foreach (var resource in resources.Where(resource => resource!["verbs"]!.AsArray().Any(verb => (string?)verb == "list")))
                Assert.Equal($"{(string?)resource!["kind"]}List", (string?)(await server.Expect(200, HttpMethod.Get, $"{path}/{(string?)resource["name"]}"))["kind"]);
        }
    }

    [Fact]
    public async Task Subresources_are_listed_where_they_are()
    {
        var core = (await server.Expect(200, HttpMethod.Get, "/api/v1"))["resources"]!.AsArray();
        var apps = (await server.Expect(200, HttpMethod.Get, "/apis/apps/v1"))["resources"]!.AsArray();
        Assert.Contains(core, resource => (string?)resource!["name"] == "pods/status");
        Assert.Contains(core, resource => (string?)resource!["name"] == "pods" && (string?)resource["shortNames"]![0] == "po");
        Assert.Contains(apps, resource => (string?)resource!["name"] == "deployments/scale" && (string?)resource["group"] == "autoscaling");
    }

    [Fact]
    public async Task What_discovery_lists_is_what_the_server_does()
    {
        foreach (var resource in (await server.Expect(200, HttpMethod.Get, "/api/v1"))["resources"]!.AsArray().Concat((await server.Expect(200, HttpMethod.Get, "/apis/apps/v1"))["resources"]!.AsArray()))
        {
            var (name, verbs) = ((string)resource!["name"]!, resource["verbs"]!.AsArray().Select(verb => (string)verb!).ToList());
            if (name.Contains('/') || !(bool)resource["namespaced"]!) continue;
            var prefix = (string?)resource["kind"] is "Deployment" or "ReplicaSet" or "DaemonSet" or "ControllerRevision" ? "/apis/apps/v1" : "/api/v1";
            using var listed = await server.Send(HttpMethod.Get, $"{prefix}/namespaces/default/{name}");
            Assert.Equal(verbs.Contains("list") ? 200 : 405, (int)listed.StatusCode);
        }
    }

    [Fact]
    public async Task Verbs_that_a_kind_does_not_have_are_refused_and_not_listed()
    {
        var core = (await server.Expect(200, HttpMethod.Get, "/api/v1"))["resources"]!.AsArray();
        string[] Verbs(string name) => core.Single(resource => (string?)resource!["name"] == name)!["verbs"]!.AsArray().Select(verb => (string)verb!).ToArray();
        Assert.DoesNotContain("deletecollection", Verbs("namespaces"));
        Assert.Equal(["create"], Verbs("bindings"));
        Assert.Equal(["create"], Verbs("pods/binding"));
        Assert.Equal(["update"], Verbs("namespaces/finalize"));
        await server.Expect(405, HttpMethod.Delete, "/api/v1/namespaces");
        await server.Expect(405, HttpMethod.Get, "/api/v1/namespaces/default/bindings");
        await server.Expect(405, HttpMethod.Post, "/api/v1/bindings", "{}");
        await server.Expect(405, HttpMethod.Get, "/api/v1/namespaces/default/pods/x/binding");
        await server.Expect(405, HttpMethod.Delete, "/api/v1/namespaces/default/pods/x/status");
        await server.Expect(404, HttpMethod.Get, "/api/v1/namespaces/default/pods/x/scale");
    }

    /// <summary>What the registries do not declare is refused by the router: discovery and OpenAPI cannot promise what is not there, nor hide what is.</summary>
    [Fact]
    public async Task A_verb_that_is_not_listed_is_not_allowed()
    {
        var refused = 0;
        foreach (var kind in Kinds.All)
        {
            var collection = kind.Resource.Path(kind.Resource.Namespaced ? "default" : "");
            foreach (var (verb, method) in new[] { ("list", HttpMethod.Get), ("create", HttpMethod.Post), ("deletecollection", HttpMethod.Delete) })
                refused += await Refused(kind.Verbs, verb, method, collection);
            foreach (var (verb, method) in OfObject) refused += await Refused(kind.Verbs, verb, method, $"{collection}/x");
            foreach (var part in kind.Subresources)
                foreach (var (verb, method) in OfObject.Append(("create", HttpMethod.Post))) refused += await Refused(part.Verbs, verb, method, $"{collection}/x/{part.Name}");
        }
        Assert.True(refused > 20, $"only {refused} verbs are missing somewhere");
    }

    private static readonly (string Verb, HttpMethod Method)[] OfObject =
        [("get", HttpMethod.Get), ("update", HttpMethod.Put), ("patch", HttpMethod.Patch), ("delete", HttpMethod.Delete)];

    private async Task<int> Refused(IReadOnlyList<string> verbs, string verb, HttpMethod method, string path)
    {
        if (verbs.Contains(verb)) return 0;
        using var response = await server.Send(method, path, method == HttpMethod.Get || method == HttpMethod.Delete ? null : "{}", method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        Assert.True((int)response.StatusCode is 405, $"{method} {path}: {(int)response.StatusCode}");
        return 1;
    }
}
