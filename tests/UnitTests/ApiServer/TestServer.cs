using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane;
using ControlPlane.ApiServer;
using KubeApi;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>A real API server without controllers: TLS on a free port of 127.0.0.1, files in a directory of its own.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private ControlPlaneHost host = null!;
    private int namespaces;

    public int MaxWritesInFlight { get; init; } = 200;

    /// <summary>May do everything.</summary>
    public HttpClient Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        host = await ControlPlaneHost.Start(new ControlPlaneOptions(directory.Path, new IPEndPoint(IPAddress.Loopback, 0), null,
            IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16") { MaxWritesInFlight = MaxWritesInFlight }, NullLoggerFactory.Instance, CancellationToken.None);
        Admin = Client("admin", "system:masters");
    }

    public async Task DisposeAsync()
    {
        Admin.Dispose();
        await host.DisposeAsync();
        directory.Dispose();
    }

    public HttpClient Client(string user, params string[] groups) => new(Config(user, groups).CreateHandler()) { BaseAddress = new Uri(Url) };

    public ApiClient Api() => new(Config("admin", "system:masters"), "test");

    /// <summary>As the agent of that node.</summary>
    public ApiClient NodeApi(string node) => new(Config($"system:node:{node}", "system:nodes"), "test");

    /// <summary>Trusts the server, shows no certificate.</summary>
    public HttpClient Anonymous()
    {
        var handler = Config("nobody").CreateHandler();
        handler.SslOptions.ClientCertificates = null;
        return new HttpClient(handler) { BaseAddress = new Uri(Url) };
    }

    /// <summary>Shows a token and no certificate.</summary>
    public HttpClient Bearer(string token)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Where the control plane keeps its files.</summary>
    public string DataDirectory => directory.Path;

    /// <summary>Shows a certificate of another authority.</summary>
    public HttpClient Stranger()
    {
        using var elsewhere = new TemporaryDirectory();
        using var other = ControlPlane.Certificates.ClusterCa.Open(elsewhere.Path);
        var theirs = other.CreateKubeconfig(Url, "admin", "system:masters");
        return new HttpClient((theirs with { CertificateAuthority = host.Authority.CertificatePem }).CreateHandler()) { BaseAddress = new Uri(Url) };
    }

    /// <summary>A namespace that no other test uses.</summary>
    public async Task<string> Namespace()
    {
        var name = $"test-{Interlocked.Increment(ref namespaces)}";
        await Expect(201, HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"NAME"}}""".Replace("NAME", name));
        return name;
    }

    public async Task<JsonNode> Expect(int code, HttpMethod method, string path, string? body = null, string type = "application/json", HttpClient? client = null)
    {
        using var response = await Send(method, path, body, type, client);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(code == (int)response.StatusCode, $"{method} {path}: {(int)response.StatusCode}, not {code}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>An error with its reason and message.</summary>
    public async Task Refused(int code, string reason, string message, HttpMethod method, string path, string? body = null, string type = "application/json", HttpClient? client = null)
    {
        var status = await Expect(code, method, path, body, type, client);
        Assert.Equal("Status", (string?)status["kind"]);
        Assert.Equal("Failure", (string?)status["status"]);
        Assert.Equal(reason, (string?)status["reason"]);
        Assert.Equal(code, (int?)status["code"]);
        Assert.Equal(message, (string?)status["message"]);
    }

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? body = null, string type = "application/json", HttpClient? client = null) =>
        await SendBytes(method, path, body is null ? null : Encoding.UTF8.GetBytes(body), type, client);

    public async Task<HttpResponseMessage> SendBytes(HttpMethod method, string path, byte[]? body, string type = "application/json", HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        return await (client ?? Admin).SendAsync(request);
    }

    /// <summary>The events of a watch, as they come.</summary>
    public async IAsyncEnumerable<JsonNode> Watch(string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await lines.ReadLineAsync() is { } line) yield return JsonNode.Parse(line)!;
    }

    private string Url => $"https://127.0.0.1:{host.Address.Port}";

    private Kubeconfig Config(string user, params string[] groups) => host.Authority.CreateKubeconfig(Url, user, groups);
}

[CollectionDefinition(nameof(ApiServer))]
public sealed class ApiServerCollection : ICollectionFixture<TestServer>;
