using System.Net;
using System.Text.Json;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.Server;
using NodeAgent.Stats;

namespace UnitTests.Stats;

/// <summary>metrics.k8s.io at a real API server, which asks a node's real port; the node's figures are made up.</summary>
public sealed class MetricsApiTests : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private ControlPlane.ControlPlaneHost host = null!;
    private NodeAgent.Server.NodeServer server = null!;
    private HttpClient admin = null!;
    private ApiClient api = null!;
    private Summary summary = null!;
    private int asked;

    private string Url => $"https://127.0.0.1:{host.Address.Port}";

    public async Task InitializeAsync()
    {
        host = await ControlPlane.ControlPlaneHost.Start(new ControlPlane.ControlPlaneOptions(directory.Path, new IPEndPoint(IPAddress.Loopback, 0), null,
            IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16"), NullLoggerFactory.Instance, CancellationToken.None);
        server = await NodeAgent.Server.NodeServer.Start(new IPEndPoint(IPAddress.Loopback, 0), host.Authority.CreateNodeKubeconfig(Url, "node-1"),
            new NodeRoutes([new("/stats/summary", Figures)]), NullLoggerFactory.Instance, CancellationToken.None);
        var identity = host.Authority.CreateKubeconfig(Url, "admin", "system:masters");
        (admin, api) = (new HttpClient(identity.CreateHandler()) { BaseAddress = new Uri(Url) }, new ApiClient(identity, "test"));
        await Node("node-1", "True", server.Port);
        await Node("node-2", "True", 1); // answers nothing
        await Node("node-3", "Unknown", server.Port);
        var (one, other) = (await Pod("one", "node-1", "web"), await Pod("other", "node-1", "db"));
        await Pod("away", "node-2", "web");
        await Pod("unplaced", null, "web");
        var time = new DateTime(2026, 3, 1, 10, 0, 0, DateTimeKind.Utc);
        summary = new Summary(new NodeSummary("node-1", time, new CpuStats(time, 250_000_000, 1, 12.5), new MemoryStats(time, 1, 2, 512 << 20, 0, 0, 0)),
        [
            Of(one, [new ContainerSummary("a", time, new CpuStats(time, 1_500_000, 1, 15), new MemoryStats(time, null, 2, 3 << 20, 0, 0, 0)), new ContainerSummary("b", time, new CpuStats(time, 0, 1, 15), new MemoryStats(time, null, 2, 1000, 0, 0, 0))]),
            Of(other, [new ContainerSummary("a", time, new CpuStats(time, null, 1, null), new MemoryStats(time, null, 2, 3, 0, 0, 0))]),
        ]);
        PodSummary Of(Pod pod, IReadOnlyList<ContainerSummary> containers) => new(new PodReference(pod.Name, "default", pod.Metadata.Uid!), time, containers, null, null);
    }

    public async Task DisposeAsync()
    {
        admin.Dispose();
        api.Dispose();
        await server.DisposeAsync();
        await host.DisposeAsync();
        directory.Dispose();
    }

    private async Task Figures(NodeRequest request)
    {
        Assert.True(request.Flag("only_cpu_and_memory"));
        Interlocked.Increment(ref asked);
        await request.Http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(summary, StatsEndpoints.Json));
    }

    private Task Node(string name, string ready, int port) => api.Create(new Node
    {
        Kind = "Node", ApiVersion = "v1", Metadata = new ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["zone"] = name } }, Spec = new NodeSpec(),
        Status = new NodeStatus
        {
            Addresses = [new NodeAddress { Type = "InternalIP", Address = "127.0.0.1" }], Conditions = [new NodeCondition { Type = "Ready", Status = ready }],
            DaemonEndpoints = new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = port } },
        },
    }, CancellationToken.None);

    private Task<Pod> Pod(string name, string? node, string app) => api.Create(new Pod
    {
        Kind = "Pod", ApiVersion = "v1", Metadata = new ObjectMeta { Name = name, Namespace = "default", Labels = new Dictionary<string, string> { ["app"] = app } },
        Spec = new PodSpec { NodeName = node, Containers = [new Container { Name = "a", Image = "nginx" }] },
    }, CancellationToken.None);

    private async Task<JsonElement> Get(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await admin.GetAsync($"/apis/metrics.k8s.io/v1beta1{path}");
        Assert.Equal(expected, answer.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    private static string[] Names(JsonElement list) => [.. list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("name").GetString()!)];

    [Fact]
    public async Task Nodes_that_answer_are_listed()
    {
        var list = await Get("/nodes");
        Assert.Equal("NodeMetricsList", list.GetProperty("kind").GetString());
        Assert.Equal(["node-1"], Names(list));
        Assert.Equal("""{"cpu":"250m","memory":"512Mi"}""", list.GetProperty("items")[0].GetProperty("usage").GetRawText());
        Assert.Equal("12.5s", list.GetProperty("items")[0].GetProperty("window").GetString());
        Assert.Equal("2026-03-01T10:00:00Z", list.GetProperty("items")[0].GetProperty("timestamp").GetString());
        Assert.Equal(["node-1"], Names(await Get("/nodes?labelSelector=zone%3Dnode-1")));
        Assert.Empty(Names(await Get("/nodes?labelSelector=zone%3Dnode-3")));
        Assert.Equal("NodeMetrics", (await Get("/nodes/node-1")).GetProperty("kind").GetString());
        Assert.Equal("nodemetrics.metrics.k8s.io \"node-2\" not found", (await Get("/nodes/node-2", HttpStatusCode.NotFound)).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Pods_of_which_all_is_known_are_listed()
    {
        Assert.Equal(["one"], Names(await Get("/pods")));
        var pod = await Get("/namespaces/default/pods/one");
        Assert.Equal("""[{"name":"a","usage":{"cpu":"1500u","memory":"3Mi"}},{"name":"b","usage":{"cpu":"0","memory":"1k"}}]""", pod.GetProperty("containers").GetRawText());
        Assert.Equal("web", pod.GetProperty("metadata").GetProperty("labels").GetProperty("app").GetString());
        Assert.Equal(["one"], Names(await Get("/namespaces/default/pods?labelSelector=app%3Dweb")));
        Assert.Empty(Names(await Get("/namespaces/default/pods?labelSelector=app%3Ddb")));
        Assert.Empty(Names(await Get("/namespaces/kube-system/pods")));
        Assert.Equal("podmetrics.metrics.k8s.io \"default/other\" not found", (await Get("/namespaces/default/pods/other", HttpStatusCode.NotFound)).GetProperty("message").GetString());
        await Get("/pods?labelSelector=%21%21", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Many_who_ask_cost_a_node_one_answer()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Get("/nodes")));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Discovery_shows_the_group_and_nobody_writes_to_it()
    {
        var resources = (await Get("")).GetProperty("resources").EnumerateArray().ToDictionary(item => item.GetProperty("name").GetString()!, item => item.GetProperty("verbs").EnumerateArray().Select(verb => verb.GetString()).ToList());
        Assert.Equal(["nodes", "pods"], resources.Keys.Order());
        Assert.Equal(["get", "list"], resources["pods"]);
        using var post = await admin.PostAsync("/apis/metrics.k8s.io/v1beta1/nodes", new StringContent("{}"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        using var watch = await admin.GetAsync("/apis/metrics.k8s.io/v1beta1/nodes?watch=true");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, watch.StatusCode);
    }
}
