using System.Net;
using ControlPlane;
using ControlPlane.Certificates;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.Server;
using Xunit;

namespace UnitTests.NodeServer;

/// <summary>A real API server and a real node's port, both with TLS on free ports of 127.0.0.1; the Node object leads from one to the other.</summary>
public sealed class TestNodeServer : IAsyncLifetime
{
    public const string NodeName = "node-1";

    private readonly TemporaryDirectory directory = new();
    private ControlPlaneHost host = null!;
    private NodeAgent.Server.NodeServer server = null!;

    internal ClusterCa Authority => host.Authority;

    public int Port => server.Port;

    public string ApiUrl => $"https://127.0.0.1:{host.Address.Port}";

    /// <summary>May do everything.</summary>
    public HttpClient Admin { get; private set; } = null!;

    public ApiClient Api { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        host = await ControlPlaneHost.Start(new ControlPlaneOptions(directory.Path, new IPEndPoint(IPAddress.Loopback, 0), null,
            IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16"), NullLoggerFactory.Instance, CancellationToken.None);
        server = await NodeAgent.Server.NodeServer.Start(new IPEndPoint(IPAddress.Loopback, 0), Authority.CreateNodeKubeconfig(ApiUrl, NodeName),
            new NodeRoutes([new("/healthz", request => request.Text("ok")), new("/say/{what}", request => request.Text($"{request.Path("what")} {request.Query("q")}"))]),
            NullLoggerFactory.Instance, CancellationToken.None);
        Admin = Client("admin", "system:masters");
        Api = new ApiClient(Authority.CreateKubeconfig(ApiUrl, "admin", "system:masters"), "test");
        await AddNode(NodeName, Port);
    }

    public async Task DisposeAsync()
    {
        Admin.Dispose();
        Api.Dispose();
        await server.DisposeAsync();
        await host.DisposeAsync();
        directory.Dispose();
    }

    public HttpClient Client(string user, params string[] groups) =>
        new(Authority.CreateKubeconfig(ApiUrl, user, groups).CreateHandler()) { BaseAddress = new Uri(ApiUrl) };

    /// <summary>A node whose agent listens at a port of 127.0.0.1.</summary>
    public Task AddNode(string name, int port) => Api.Create(new Node
    {
        Kind = "Node", ApiVersion = "v1", Metadata = new ObjectMeta { Name = name }, Spec = new NodeSpec(),
        Status = new NodeStatus
        {
            Addresses = [new NodeAddress { Type = "InternalIP", Address = "127.0.0.1" }],
            DaemonEndpoints = new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = port } },
        },
    }, CancellationToken.None);
}

[CollectionDefinition(nameof(NodeServer))]
public sealed class NodeServerCollection : ICollectionFixture<TestNodeServer>;
