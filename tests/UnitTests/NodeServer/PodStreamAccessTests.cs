using System.Net;
using System.Text.Json.Nodes;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.NodeServer;

/// <summary>What the API server decides of a stream before a node is asked.</summary>
[Collection(nameof(NodeServer))]
public sealed class PodStreamAccessTests(TestNodeServer servers) : IAsyncLifetime
{
    private static int count;

    private readonly string ns = $"streams-{Interlocked.Increment(ref count)}";

    public async Task InitializeAsync()
    {
        await servers.Api.Create(new Namespace { Kind = "Namespace", ApiVersion = "v1", Metadata = new ObjectMeta { Name = ns } }, CancellationToken.None);
        await servers.AddNode($"{ns}-away", 1);
        await AddPod("two", $"{ns}-away", "a", "b");
        await AddPod("one", $"{ns}-away", "a");
        await AddPod("unplaced", null, "a");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("POST", "one/exec?command=true", 500, "error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused")]
    [InlineData("GET", "one/attach?stdin=true", 500, "error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused")]
    [InlineData("POST", "one/portforward", 500, "error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused")]
    [InlineData("POST", "one/exec", 400, "you must specify at least one command")]
    [InlineData("POST", "one/exec?container=c&command=true", 400, "container c is not valid for pod one")]
    [InlineData("POST", "two/exec?command=true", 400, "a container name must be specified for pod two, choose one of: [a b]")]
    [InlineData("POST", "unplaced/exec?command=true", 400, "pod unplaced does not have a host assigned")]
    [InlineData("POST", "none/exec?command=true", 404, "pods \"none\" not found")]
    [InlineData("GET", "one:80/proxy/", 400, "address not allowed")]
    public async Task A_stream_that_cannot_be_is_refused_in_Kubernetes_words(string method, string path, int code, string message)
    {
        using var answer = await Upgrade(servers.Admin, method, path);
        Assert.Equal((code, message), ((int)answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"]));
    }

    [Fact]
    public async Task Without_an_upgrade_there_is_no_stream()
    {
        using var answer = await servers.Admin.PostAsync($"/api/v1/namespaces/{ns}/pods/one/exec?command=true", null);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Upgrade request required", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("exec")]
    [InlineData("attach")]
    [InlineData("portforward")]
    public async Task The_right_to_read_streams_is_not_the_right_to_open_them_by_WebSocket(string stream)
    {
        var (reader, actor) = ($"{ns}-reader", $"{ns}-actor");
        await Grant(reader, "get", $"pods/{stream}");
        await Grant(actor, "create get", $"pods/{stream}");
        using var reading = servers.Client(reader);
        using var acting = servers.Client(actor);
        using var refused = await Upgrade(reading, "GET", $"one/{stream}?command=true");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains($"cannot create resource \\\"pods/{stream}\\\"", await refused.Content.ReadAsStringAsync());
        using var allowed = await Upgrade(acting, "GET", $"one/{stream}?command=true");
        Assert.Equal(HttpStatusCode.InternalServerError, allowed.StatusCode); // as far as the node, which is away
    }

    [Fact]
    public async Task Discovery_tells_of_the_streams_with_their_verbs()
    {
        var resources = JsonNode.Parse(await servers.Admin.GetStringAsync("/api/v1"))!["resources"]!.AsArray();
        string Verbs(string name) => string.Join(' ', resources.Single(resource => (string?)resource!["name"] == name)!["verbs"]!.AsArray().Select(verb => (string?)verb));
        foreach (var stream in new[] { "pods/exec", "pods/attach", "pods/portforward" }) Assert.Equal("create get", Verbs(stream));
        foreach (var proxy in new[] { "pods/proxy", "services/proxy", "nodes/proxy" }) Assert.Equal("create delete get patch update", Verbs(proxy));
    }

    private async Task<HttpResponseMessage> Upgrade(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/namespaces/{ns}/pods/{path}") { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "SPDY/3.1");
        request.Headers.TryAddWithoutValidation("X-Stream-Protocol-Version", "v4.channel.k8s.io");
        return await client.SendAsync(request);
    }

    private Task AddPod(string name, string? node, params string[] containers) => servers.Api.Create(new Pod
    {
        Kind = "Pod", ApiVersion = "v1", Metadata = new ObjectMeta { Name = name, Namespace = ns },
        Spec = new PodSpec { NodeName = node, Containers = [.. containers.Select(container => new Container { Name = container, Image = "nginx" })] },
    }, CancellationToken.None);

    private async Task Grant(string user, string verbs, string resource)
    {
        var name = $"{user}-{resource.Replace('/', '-')}";
        await servers.Api.Create(new Role
        {
            Kind = "Role", ApiVersion = "rbac.authorization.k8s.io/v1", Metadata = new ObjectMeta { Name = name, Namespace = ns },
            Rules = [new PolicyRule { ApiGroups = [""], Resources = [resource], Verbs = verbs.Split(' ') }],
        }, CancellationToken.None);
        await servers.Api.Create(new RoleBinding
        {
            Kind = "RoleBinding", ApiVersion = "rbac.authorization.k8s.io/v1", Metadata = new ObjectMeta { Name = name, Namespace = ns },
            RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = name },
            Subjects = [new Subject { Kind = "User", ApiGroup = "rbac.authorization.k8s.io", Name = user }],
        }, CancellationToken.None);
    }
}
