using System.Net;
using System.Text;
using KubeApi;
using KubeApi.Objects;
using UnitTests.Certificates;
using Xunit;

namespace UnitTests.Joining;

/// <summary>Somebody has the kubeconfig of one node, as it was got by a token: all that is its own, against all that is another node's.</summary>
public sealed class StolenIdentityTests(JoinCluster cluster) : IClassFixture<JoinCluster>, IDisposable
{
    private const string Csr = "/apis/certificates.k8s.io/v1/certificatesigningrequests", Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", Default = "/api/v1/namespaces/default";

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task It_opens_what_is_the_nodes_own_and_nothing_of_another_nodes()
    {
        var token = (await cluster.Token()).ToString();
        foreach (var node in new[] { "stolen", "victim" }) await cluster.Join(token, node, directory.File(node));
        using var http = new HttpClient(Kubeconfig.Load(directory.File("stolen")).CreateHandler()) { BaseAddress = new Uri(cluster.Server) };
        foreach (var (node, address) in new[] { ("stolen", "192.0.2.71"), ("victim", "192.0.2.72") }) await Furnish(node, address);

        var faults = new List<string>();
        foreach (var (method, path, body) in Attempts("victim"))
            if (await Try(http, method, path, body) is var got && got != HttpStatusCode.Forbidden) faults.Add($"{method} {path}: {got}");
        foreach (var (method, path, body) in OwnRights("stolen"))
            if (await Try(http, method, path, body) is var got && (int)got >= 300) faults.Add($"its own {method} {path}: {got}");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>A Node with its lease, and a pod on it that uses a Secret and a ConfigMap; a request of the node's for a certificate.</summary>
    private async Task Furnish(string node, string address)
    {
        using var own = new ApiClient(Kubeconfig.Load(directory.File(node)), "test");
        await cluster.Register(own, node, address);
        await own.Create(TestSigningRequests.Object($"csr-{node}", TestSigningRequests.OfNode(node)), default);
        var meta = new ObjectMeta { Name = node, Namespace = "default" };
        await cluster.Api.Create(new Secret { Metadata = meta, Data = new Dictionary<string, byte[]> { ["k"] = [1] } }, default);
        await cluster.Api.Create(new ConfigMap { Metadata = meta, Data = new Dictionary<string, string> { ["k"] = "v" } }, default);
        await cluster.Api.Create(new ServiceAccount { Metadata = meta }, default);
        await cluster.Api.Create(new Pod
        {
            Metadata = meta,
            Spec = new PodSpec
            {
                NodeName = node, ServiceAccountName = node,
                Containers = [new Container { Name = "c", Image = "nginx", EnvFrom = [new EnvFromSource { SecretRef = new SecretEnvSource { Name = node } }, new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = node } }] }],
            },
        }, default);
    }

    private static IEnumerable<(string Method, string Path, string? Body)> Attempts(string node) =>
    [
        ("GET", $"{Default}/secrets/{node}", null), ("GET", $"{Default}/secrets", null), ("GET", "/api/v1/secrets", null), ("GET", $"{Default}/secrets?watch=1&fieldSelector=metadata.name%3D{node}", null),
        ("PATCH", $"{Default}/secrets/{node}", "{}"), ("DELETE", $"{Default}/secrets/{node}", null),
        ("GET", $"{Default}/configmaps/{node}", null), ("GET", "/api/v1/configmaps", null), ("PATCH", $"{Default}/configmaps/{node}", "{}"), ("DELETE", $"{Default}/configmaps/{node}", null),
        ("GET", $"{Default}/pods/{node}", null), ("GET", "/api/v1/pods", null), ("GET", $"/api/v1/pods?fieldSelector=spec.nodeName%3D{node}", null), ("PATCH", $"{Default}/pods/{node}", """{"metadata":{"labels":{"a":"b"}}}"""),
        ("GET", $"{Default}/pods/{node}/status", null), ("PATCH", $"{Default}/pods/{node}/status", """{"status":{"phase":"Failed"}}"""), ("DELETE", $"{Default}/pods/{node}", null),
        ("POST", $"{Default}/pods/{node}/eviction", "{}"), ("GET", $"{Default}/pods/{node}/log", null), ("POST", $"{Default}/pods/{node}/exec?command=id", null), ("POST", $"{Default}/pods/{node}/binding", "{}"),
        ("PATCH", $"/api/v1/nodes/{node}", """{"metadata":{"labels":{"a":"b"}}}"""), ("PATCH", $"/api/v1/nodes/{node}/status", """{"status":{"conditions":[]}}"""), ("DELETE", $"/api/v1/nodes/{node}", null),
        ("GET", $"/api/v1/nodes/{node}/proxy/healthz", null), ("POST", "/api/v1/nodes", """{"metadata":{"name":"third"}}"""),
        ("GET", $"{Leases}/{node}", null), ("PATCH", $"{Leases}/{node}", """{"spec":{"holderIdentity":"x"}}"""), ("DELETE", $"{Leases}/{node}", null), ("GET", Leases, null),
        ("POST", $"{Default}/serviceaccounts/{node}/token", "{}"), ("GET", $"{Default}/serviceaccounts/{node}", null),
        ("GET", $"{Csr}/csr-{node}", null), ("GET", Csr, null), ("DELETE", $"{Csr}/csr-{node}", null), ("PATCH", $"{Csr}/csr-{node}/approval", """{"status":{"conditions":[{"type":"Approved","status":"True"}]}}"""),
        ("PATCH", $"{Csr}/csr-{node}/status", "{}"), ("POST", Csr, TestSigningRequests.Json("pose", TestSigningRequests.OfNode(node))),
        ("POST", Csr, TestSigningRequests.Json("pose", TestSigningRequests.OfNode(node, IPAddress.Parse("192.0.2.72")), TestSigningRequests.KubeletServing)),
        ("GET", "/api/v1/namespaces/kube-system/secrets", null), ("POST", "/api/v1/namespaces/kube-system/secrets", """{"metadata":{"name":"bootstrap-token-abcdef"}}"""),
        ("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles", null), ("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "{}"), ("GET", "/metrics", null),
    ];

    private static IEnumerable<(string Method, string Path, string? Body)> OwnRights(string node) =>
    [
        ("GET", $"{Default}/secrets/{node}", null), ("GET", $"{Default}/configmaps/{node}", null), ("GET", $"{Default}/pods/{node}", null), ("GET", $"/api/v1/pods?fieldSelector=spec.nodeName%3D{node}", null),
        ("PATCH", $"{Default}/pods/{node}/status", """{"status":{"phase":"Running"}}"""), ("PATCH", $"/api/v1/nodes/{node}", """{"metadata":{"labels":{"a":"b"}}}"""),
        ("PATCH", $"/api/v1/nodes/{node}/status", """{"status":{"daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}}"""), ("GET", $"{Leases}/{node}", null), ("PATCH", $"{Leases}/{node}", """{"spec":{"leaseDurationSeconds":41}}"""),
        ("GET", $"{Csr}/csr-{node}", null), ("GET", "/api/v1/services", null), ("GET", "/api/v1/nodes", null), ("DELETE", $"{Default}/pods/{node}", """{"gracePeriodSeconds":0}"""),
    ];

    private static async Task<HttpStatusCode> Try(HttpClient http, string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, method == "PATCH" ? "application/merge-patch+json" : "application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }
}
