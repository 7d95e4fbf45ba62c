using System.Text.Json.Nodes;
using UnitTests.ApiServer;
using Xunit;

namespace UnitTests.Identity;

/// <summary>The volume by which programs in pods reach the API.</summary>
[Collection("ApiServer")]
public sealed class ServiceAccountVolumeTests(TestServer server)
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    [Fact]
    public async Task Every_container_finds_token_authority_and_namespace_where_clients_look()
    {
        var spec = await Create("""{"containers":[{"name":"a","image":"i"},{"name":"b","image":"i"}],"initContainers":[{"name":"c","image":"i"}]}""");
        var volume = Assert.Single(spec["volumes"]!.AsArray())!;
        Assert.Matches("^kube-api-access-[a-z0-9]{5}$", (string?)volume["name"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"defaultMode":420,"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},
              {"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
              {"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}]}
            """), volume["projected"]), volume.ToJsonString());
        foreach (var container in spec["containers"]!.AsArray().Concat(spec["initContainers"]!.AsArray()))
        {
            var mount = Assert.Single(container!["volumeMounts"]!.AsArray())!;
            Assert.Equal(((string?)volume["name"], MountPath, true), ((string?)mount["name"], (string?)mount["mountPath"], (bool?)mount["readOnly"]));
        }
    }

    [Fact]
    public async Task A_container_that_mounts_something_else_there_keeps_it()
    {
        var spec = await Create("""{"volumes":[{"name":"own","emptyDir":{}}],"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"own","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}]}""");
        Assert.Equal("own", (string?)Assert.Single(spec["volumes"]!.AsArray())!["name"]);
        Assert.Equal("own", (string?)Assert.Single(spec["containers"]![0]!["volumeMounts"]!.AsArray())!["name"]);
    }

    [Theory]
    [InlineData(null, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    [InlineData(null, null, true)]
    public async Task The_pods_word_counts_more_than_its_accounts(bool? pod, bool? account, bool mounted)
    {
        var spec = await Create($$"""{{{(pod is null ? "" : $"\"automountServiceAccountToken\":{pod.ToString()!.ToLowerInvariant()},")}}"serviceAccountName":"own","containers":[{"name":"a","image":"i"}]}""",
            $$"""{"metadata":{"name":"own"}{{(account is null ? "" : $",\"automountServiceAccountToken\":{account.ToString()!.ToLowerInvariant()}")}}}""");
        Assert.Equal(mounted, spec["volumes"] is not null);
    }

    [Fact]
    public async Task A_pod_that_stands_for_one_of_a_nodes_own_gets_none()
    {
        var ns = await server.Namespace();
        using var node = server.Client("system:node:mirror", "system:nodes");
        var pod = await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods",
            """{"metadata":{"name":"p","annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"nodeName":"mirror","containers":[{"name":"a","image":"i"}]}}""", client: node);
        Assert.Null(pod["spec"]!["volumes"]);
    }

    private async Task<JsonNode> Create(string spec, string? account = null)
    {
        var ns = await server.Namespace();
        if (account is not null) await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts", account);
        return (await server.Expect(201, HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":SPEC}""".Replace("SPEC", spec)))["spec"]!;
    }
}
