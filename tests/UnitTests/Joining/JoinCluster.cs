using System.Net;
using ControlPlane;
using ControlPlane.Joining;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.Joining;
using Xunit;

namespace UnitTests.Joining;

/// <summary>A whole control plane on a free port of 127.0.0.1, which machines can join.</summary>
public class JoinCluster : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private readonly CancellationTokenSource stopping = new();
    private Task controllers = Task.CompletedTask;

    internal ControlPlaneHost Host { get; private set; } = null!;

    public ApiClient Api { get; private set; } = null!;

    public string Server => $"https://127.0.0.1:{Host.Address.Port}";

    public string Pin => JoinCommandLine.Pin(Host.Authority.Certificate);

    private protected virtual TimeSpan CertificateLifetime => TimeSpan.FromDays(1);

    public async Task InitializeAsync()
    {
        Host = await ControlPlaneHost.Start(new ControlPlaneOptions(directory.Path, new IPEndPoint(IPAddress.Loopback, 0), null, IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16")
        {
            CertificateLifetime = CertificateLifetime,
        }, NullLoggerFactory.Instance, CancellationToken.None);
        Api = new ApiClient(Host.Authority.CreateKubeconfig(Server, "admin", "system:masters"), "test");
        controllers = Host.RunControllers(stopping.Token);
    }

    public async Task DisposeAsync()
    {
        await stopping.CancelAsync();
        await controllers;
        Api.Dispose();
        await Host.DisposeAsync();
        directory.Dispose();
    }

    /// <summary>ID.SECRET</summary>
    internal async Task<JoinToken> Token(TimeSpan? holds = null, bool once = false)
    {
        var token = JoinToken.New();
        await Api.Create(token.ToObject(DateTime.UtcNow + (holds ?? TimeSpan.FromHours(1)), "test", once), default);
        return token;
    }

    internal Task<bool> Join(string token, string node, string kubeconfig, string? pin = null, string? server = null) =>
        new Joiner(JoinOptions.Parse(server ?? Server, token, [pin ?? Pin], node, kubeconfig)).Join(default);

    /// <summary>As an agent does that has just started there.</summary>
    public async Task Register(ApiClient client, string node, string address)
    {
        await client.Create(new Node
        {
            Metadata = new ObjectMeta { Name = node },
            Status = new NodeStatus { Addresses = [new NodeAddress { Type = "InternalIP", Address = address }], Conditions = [new NodeCondition { Type = "Ready", Status = "True" }] },
        }, default);
        await client.Create(new Lease { Metadata = new ObjectMeta { Name = node, Namespace = "kube-node-lease" }, Spec = new LeaseSpec { HolderIdentity = node, LeaseDurationSeconds = 40, RenewTime = DateTime.UtcNow } }, default);
    }
}

/// <summary>Its certificates end soon.</summary>
public sealed class ShortLivedCluster : JoinCluster
{
    private protected override TimeSpan CertificateLifetime => TimeSpan.FromSeconds(20);
}
