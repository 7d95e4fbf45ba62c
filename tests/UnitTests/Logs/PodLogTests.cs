using System.Net;
using System.Text.Json;
using KubeApi;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent;
using NodeAgent.Kubelet;
using NodeAgent.Logs;
using NodeAgent.Server;

namespace UnitTests.Logs;

/// <summary><c>pods/log</c> through a real API server and a real node's port to files as conmon leaves them.</summary>
public sealed class PodLogTests : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private readonly NodePaths paths;
    private ControlPlane.ControlPlaneHost host = null!;
    private NodeAgent.Server.NodeServer server = null!;
    private HttpClient admin = null!;
    private ApiClient api = null!;
    private Pod pod = null!;

    public PodLogTests() => paths = new NodePaths(directory.File("run"), directory.File("lib"), directory.File("logs"));

    private string Url => $"https://127.0.0.1:{host.Address.Port}";

    public async Task InitializeAsync()
    {
        host = await ControlPlane.ControlPlaneHost.Start(new ControlPlane.ControlPlaneOptions(directory.File("data"), new IPEndPoint(IPAddress.Loopback, 0), null,
            IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16"), NullLoggerFactory.Instance, CancellationToken.None);
        var logs = new ContainerLogs(paths, new OciRuntime(paths.RuncRoot, paths.Exits), key => key == pod.Key ? pod : null);
        server = await NodeAgent.Server.NodeServer.Start(new IPEndPoint(IPAddress.Loopback, 0), host.Authority.CreateNodeKubeconfig(Url, "node-1"),
            new NodeRoutes([new("/containerLogs/{namespace}/{pod}/{container}", logs.Handle)]), NullLoggerFactory.Instance, CancellationToken.None);
        var identity = host.Authority.CreateKubeconfig(Url, "admin", "system:masters");
        (admin, api) = (new HttpClient(identity.CreateHandler()) { BaseAddress = new Uri(Url) }, new ApiClient(identity, "test"));
        await api.Create(new Node
        {
            Kind = "Node", ApiVersion = "v1", Metadata = new ObjectMeta { Name = "node-1" }, Spec = new NodeSpec(),
            Status = new NodeStatus
            {
                Addresses = [new NodeAddress { Type = "InternalIP", Address = "127.0.0.1" }],
                DaemonEndpoints = new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = server.Port } },
            },
        }, CancellationToken.None);
        Directory.CreateDirectory(paths.Exits);
        pod = await Create("p", "node-1", "a", "b");
    }

    public async Task DisposeAsync()
    {
        admin.Dispose();
        api.Dispose();
        await server.DisposeAsync();
        await host.DisposeAsync();
        directory.Dispose();
    }

    private Task<Pod> Create(string name, string? node, params string[] containers) => api.Create(new Pod
    {
        Kind = "Pod", ApiVersion = "v1", Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new PodSpec
        {
            NodeName = node, Containers = [.. containers.Select(container => new Container { Name = container, Image = "nginx" })],
            InitContainers = containers.Length > 1 ? [new Container { Name = "first", Image = "nginx" }] : null,
        },
    }, CancellationToken.None);

    /// <summary>The container ran before and runs again, for the second time.</summary>
    private void Run(string container, bool running = true) => StateFile.Write(paths.PodRecord(pod.Metadata.Uid!), Kubelet.Pods.Record(Kubelet.Pods.Running(container) with
    {
        Attempt = 1, Previous = new PreviousContainer(new string('b', 64), DateTime.UtcNow, new ExitRecord(1, "Error", null, DateTime.UtcNow)),
        Exit = running ? null : new ExitRecord(0, "Completed", null, DateTime.UtcNow),
    }));

    private string LogFile(string container, int attempt)
    {
        var path = Path.Combine(paths.LogDirectory("default", "p", pod.Metadata.Uid!), container, $"{attempt}.log");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    private static string Entry(string text, string stream = "stdout") => $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fffffff}00+00:00 {stream} F {text}\n";

    private async Task<(HttpStatusCode Code, string Text)> Get(string query, string name = "p")
    {
        using var answer = await admin.GetAsync($"/api/v1/namespaces/default/pods/{name}/log{query}");
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, answer.IsSuccessStatusCode ? text : JsonSerializer.Deserialize<JsonElement>(text).GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task A_container_s_log_the_present_one_and_the_one_before()
    {
        Run("a");
        File.WriteAllText(LogFile("a", 0), Entry("before"));
        File.WriteAllText(LogFile("a", 1), Entry("now") + Entry("later", "stderr"));
        Assert.Equal((HttpStatusCode.OK, "now\nlater\n"), await Get("?container=a"));
        Assert.Equal((HttpStatusCode.OK, "before\n"), await Get("?container=a&previous=true"));
        Assert.Equal((HttpStatusCode.OK, "later\n"), await Get("?container=a&tailLines=1"));
        Assert.Equal((HttpStatusCode.OK, "later\n"), await Get("?container=a&stream=Stderr"));
        Assert.Equal((HttpStatusCode.OK, "no"), await Get("?container=a&limitBytes=2"));
        Assert.Equal((HttpStatusCode.OK, ""), await Get("?container=a&sinceTime=2999-01-01T00:00:00Z"));
        Assert.Equal((HttpStatusCode.OK, "now\nlater\n"), await Get("?container=a&sinceSeconds=600"));
    }

    [Fact]
    public async Task A_follower_gets_what_comes_until_the_container_ends()
    {
        Run("a");
        File.WriteAllText(LogFile("a", 1), Entry("one"));
        using var answer = await admin.GetAsync("/api/v1/namespaces/default/pods/p/log?container=a&follow=true", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.ToString());
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("one", await lines.ReadLineAsync());
        File.AppendAllText(LogFile("a", 1), Entry("two"));
        Assert.Equal("two", await lines.ReadLineAsync());
        File.AppendAllText(LogFile("a", 1), Entry("three"));
        Run("a", running: false);
        Assert.Equal("three", await lines.ReadLineAsync());
        Assert.Null(await lines.ReadLineAsync());
    }

    [Theory]
    [InlineData("", "a container name must be specified for pod p, choose one of: [first a b]")]
    [InlineData("?container=c", "container c is not valid for pod p")]
    [InlineData("?container=b", "container \"b\" in pod \"p\" is waiting to start: ContainerCreating")]
    [InlineData("?container=b&sinceTime=yesterday", "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"")]
    public async Task Refusals_have_Kubernetes_words(string query, string words) => Assert.Equal((HttpStatusCode.BadRequest, words), await Get(query));

    [Theory]
    [InlineData("tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0")]
    [InlineData("sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData("sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z", "<nil>: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified")]
    [InlineData("stream=Both", "stream: Unsupported value: \"Both\": supported values: \"All\", \"Stderr\", \"Stdout\"")]
    [InlineData("stream=Stdout&tailLines=1", "<nil>: Forbidden: `tailLines` and specific `stream` are mutually exclusive for now")]
    public async Task Options_that_cannot_be_are_invalid(string query, string words) =>
        Assert.Equal((HttpStatusCode.UnprocessableEntity, $"PodLogOptions \"p\" is invalid: {words}"), await Get($"?container=a&{query}"));

    [Fact]
    public async Task What_was_never_there_is_said_so()
    {
        StateFile.Write(paths.PodRecord(pod.Metadata.Uid!), Kubelet.Pods.Record(Kubelet.Pods.Running("a")));
        Assert.Equal((HttpStatusCode.BadRequest, "previous terminated container \"a\" in pod \"p\" not found"), await Get("?container=a&previous=true"));
        Assert.Equal((HttpStatusCode.NotFound, "pods \"q\" not found"), await Get("", "q"));
        await Create("unplaced", null, "c");
        Assert.Equal((HttpStatusCode.NoContent, ""), await Get("", "unplaced"));
    }

    [Fact]
    public async Task A_node_that_is_away_is_said_so()
    {
        var port = server.Port;
        await server.DisposeAsync();
        var (code, words) = await Get("?container=a&follow=true");
        Assert.Equal(HttpStatusCode.InternalServerError, code);
        Assert.Equal($"Get \"https://127.0.0.1:{port}/containerLogs/default/p/a?follow=true\": dial tcp 127.0.0.1:{port}: connect: connection refused", words);
    }
}
