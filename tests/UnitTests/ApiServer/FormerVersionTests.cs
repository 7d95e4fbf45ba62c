using Xunit;

namespace UnitTests.ApiServer;

/// <summary>The versions that kubectl 1.20 speaks are views of the objects of version v1.</summary>
[Collection(nameof(ApiServer))]
public sealed class FormerVersionTests(TestServer server)
{
    [Fact]
    public async Task A_budget_written_by_its_former_version_is_one_of_the_present()
    {
        var ns = await server.Namespace();
        const string Body = """{"metadata":{"name":"b"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"a":"b"}}}}""";
        var made = await server.Expect(201, HttpMethod.Post, $"/apis/policy/v1beta1/namespaces/{ns}/poddisruptionbudgets", Body);
        Assert.Equal(("policy/v1beta1", "PodDisruptionBudget"), ((string?)made["apiVersion"], (string?)made["kind"]));
        var v1 = await server.Expect(200, HttpMethod.Get, $"/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/b");
        Assert.Equal(("policy/v1", 1), ((string?)v1["apiVersion"], (int)v1["spec"]!["minAvailable"]!));
        await server.Expect(422, HttpMethod.Post, $"/apis/policy/v1beta1/namespaces/{ns}/poddisruptionbudgets", Body.Replace("\"minAvailable\":1", "\"minAvailable\":-1").Replace("\"b\"}", "\"c\"}"));
    }

    [Fact]
    public async Task A_slices_zone_and_node_stand_in_the_topology_of_its_former_version()
    {
        var ns = await server.Namespace();
        const string Slice = """
            {"metadata":{"name":"s"},"addressType":"IPv4","ports":[{"port":80}],
            "endpoints":[{"addresses":["10.0.0.1"],"nodeName":"n1","zone":"z1"}]}
            """;
        await server.Expect(201, HttpMethod.Post, $"/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices", Slice);
        var path = $"/apis/discovery.k8s.io/v1beta1/namespaces/{ns}/endpointslices/s";
        var former = await server.Expect(200, HttpMethod.Get, path);
        Assert.Equal("""{"topology.kubernetes.io/zone":"z1","kubernetes.io/hostname":"n1"}""", former["endpoints"]![0]!["topology"]!.ToJsonString());

        former["endpoints"]![0]!["topology"]!["rack"] = "r7";
        await server.Expect(200, HttpMethod.Put, path, former.ToJsonString());
        var v1 = (await server.Expect(200, HttpMethod.Get, $"/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices/s"))["endpoints"]![0]!;
        Assert.Equal(("n1", "z1", "r7"), ((string?)v1["nodeName"], (string?)v1["zone"], (string?)v1["deprecatedTopology"]!["rack"]));
    }

    [Fact]
    public async Task There_are_no_custom_resource_definitions_and_none_can_be_made()
    {
        Assert.Empty((await server.Expect(200, HttpMethod.Get, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"))["items"]!.AsArray());
        await server.Expect(404, HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "{}");
    }

    [Fact]
    public async Task The_present_version_is_the_preferred_one()
    {
        var groups = (await server.Expect(200, HttpMethod.Get, "/apis"))["groups"]!.AsArray();
        foreach (var group in groups.Where(group => (string?)group!["name"] is "policy" or "discovery.k8s.io"))
        {
            Assert.Equal("v1", (string?)group!["preferredVersion"]!["version"]);
            Assert.Equal(["v1", "v1beta1"], group["versions"]!.AsArray().Select(version => (string?)version!["version"]));
        }
    }
}
