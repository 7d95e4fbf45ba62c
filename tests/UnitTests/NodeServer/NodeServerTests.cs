using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeApi;
using Xunit;

namespace UnitTests.NodeServer;

/// <summary>Who is answered at a node's port, and how the API server finds the node that it means.</summary>
[Collection(nameof(NodeServer))]
public sealed class NodeServerTests(TestNodeServer servers)
{
    [Fact]
    public async Task The_API_server_is_answered_by_a_node()
    {
        Assert.Equal("ok", await servers.Admin.GetStringAsync($"/api/v1/nodes/{TestNodeServer.NodeName}/proxy/healthz"));
        Assert.Equal("hello you", await servers.Admin.GetStringAsync($"/api/v1/nodes/{TestNodeServer.NodeName}/proxy/say/hello?q=you"));
    }

    [Fact]
    public async Task What_a_node_refuses_is_passed_on_as_it_is()
    {
        var answer = await servers.Admin.GetAsync($"/api/v1/nodes/{TestNodeServer.NodeName}/proxy/no/such/path");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("404 page not found\n", await answer.Content.ReadAsStringAsync());
    }

    public static TheoryData<string, string[]> Strangers => new()
    {
        { "kubernetes-admin", ["system:masters"] }, { "system:node:node-1", ["system:nodes"] }, { "system:node:node-2", ["system:nodes"] },
        { "system:apiserver", ["system:masters"] }, { "kube-apiserver-kubelet-client.example", [] }, { "somebody", ["kube-apiserver-kubelet-client"] },
    };

    [Theory, MemberData(nameof(Strangers))]
    public async Task A_nodes_port_answers_no_other_certificate_of_the_cluster(string user, string[] groups) =>
        await Refused(servers.Authority.CreateKubeconfig(servers.ApiUrl, user, groups));

    [Fact]
    public async Task A_nodes_port_answers_nobody_without_a_certificate()
    {
        using var handler = Trusting();
        await RefusedBy(handler);
    }

    [Fact]
    public async Task A_nodes_port_does_not_answer_the_right_name_of_another_authority()
    {
        using var directory = new TemporaryDirectory();
        using var other = ControlPlane.Certificates.ClusterCa.Open(directory.Path);
        await Refused(other.CreateKubeconfig(servers.ApiUrl, "kube-apiserver-kubelet-client"));
    }

    [Fact]
    public async Task The_right_certificate_is_answered_directly_too_so_the_refusals_above_mean_something()
    {
        using var handler = Trusting(servers.Authority.CreateKubeconfig(servers.ApiUrl, "kube-apiserver-kubelet-client"));
        using var client = new HttpClient(handler);
        Assert.Equal("ok", await client.GetStringAsync($"https://127.0.0.1:{servers.Port}/healthz"));
    }

    [Fact]
    public async Task A_node_cannot_answer_in_anothers_place()
    {
        await servers.AddNode("impostor", servers.Port);
        var answer = await servers.Admin.GetAsync("/api/v1/nodes/impostor/proxy/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("does not show the certificate of node \\\"impostor\\\"", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_node_that_does_not_listen_is_said_to()
    {
        await servers.AddNode("away", 1);
        var answer = await servers.Admin.GetAsync("/api/v1/nodes/away/proxy/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused", await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await servers.Admin.GetAsync("/api/v1/nodes/nowhere/proxy/healthz")).StatusCode);
    }

    [Fact]
    public async Task Nobody_reaches_a_node_without_the_right_to()
    {
        using var somebody = servers.Client("somebody");
        Assert.Equal(HttpStatusCode.Forbidden, (await somebody.GetAsync($"/api/v1/nodes/{TestNodeServer.NodeName}/proxy/healthz")).StatusCode);
        using var node = servers.Client("system:node:node-1", "system:nodes");
        Assert.Equal(HttpStatusCode.Forbidden, (await node.GetAsync($"/api/v1/nodes/{TestNodeServer.NodeName}/proxy/healthz")).StatusCode);
    }

    private async Task Refused(Kubeconfig credentials)
    {
        using var handler = Trusting(credentials);
        await RefusedBy(handler);
    }

    private async Task RefusedBy(HttpMessageHandler handler)
    {
        using var client = new HttpClient(handler);
        // With TLS 1.3 the refusal comes when the client thinks that it is through already.
        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"https://127.0.0.1:{servers.Port}/healthz"));
        Assert.DoesNotContain("refused", refusal.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static SocketsHttpHandler Trusting(Kubeconfig? credentials = null) => new()
    {
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificates = credentials is null ? null : [X509Certificate2.CreateFromPem(credentials.ClientCertificate, credentials.ClientKey)],
        },
    };
}
