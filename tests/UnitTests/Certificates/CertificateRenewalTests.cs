using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ControlPlane;
using ControlPlane.Certificates;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace UnitTests.Certificates;

/// <summary>The whole control plane, with certificates that live for seconds.</summary>
public sealed class CertificateRenewalTests : IAsyncDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(10);

    private readonly TemporaryDirectory directory = new();
    private readonly CancellationTokenSource stop = new();
    private ControlPlaneHost host = null!;

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        stop.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task All_own_certificates_are_replaced_while_it_runs_and_what_is_open_goes_on()
    {
        host = await ControlPlaneHost.Start(new ControlPlaneOptions(directory.File("data"), new IPEndPoint(IPAddress.Loopback, 0), null, IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16") { OwnCertificateLifetime = Life },
            NullLoggerFactory.Instance, CancellationToken.None);
        var controllers = host.RunControllers(stop.Token);
        var first = await Shown();
        var began = DateTime.UtcNow;
        using var watcher = Client();
        await using var events = watcher.Watch<ConfigMap>(new ListOptions("default"), stop.Token).GetAsyncEnumerator();

        await Eventually(async () => await Shown() is var now && now != first && DateTime.UtcNow > began + Life * 1.5, "another certificate");

        // By the first certificates, which have ended, no controller could do this.
        using (var client = Client()) await client.Create(new Namespace { Metadata = new ObjectMeta { Name = "later" } }, default);
        await Eventually(async () =>
        {
            using var client = Client();
            return await client.Find<ConfigMap>("later", "kube-root-ca.crt", default) is not null;
        }, "the controllers' work");
        using (var client = Client()) await client.Create(new ConfigMap { Metadata = new ObjectMeta { Namespace = "default", Name = "news" } }, default);
        while (await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1)) && events.Current.Object.Name != "news") { }
        Assert.Equal("news", events.Current.Object.Name);
        await stop.CancelAsync();
        await controllers;
    }

    /// <summary>The thumbprint of what a new connection gets; valid at that time, or this throws.</summary>
    private async Task<string> Shown()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(host.Address);
        var thumbprint = "";
        await using var tls = new SslStream(socket.GetStream(), false, (_, shown, _, _) =>
        {
            thumbprint = shown!.GetCertHashString();
            return true;
        });
        await tls.AuthenticateAsClientAsync("localhost");
        return thumbprint;
    }

    /// <summary>With a certificate of now.</summary>
    private ApiClient Client()
    {
        using var authority = ClusterCa.Open(directory.File("data/pki"));
        return new ApiClient(authority.CreateKubeconfig($"https://{host.Address}", "admin", "system:masters"), "test");
    }

    private static async Task Eventually(Func<Task<bool>> check, string what)
    {
        for (var end = DateTime.UtcNow.AddMinutes(2); !await check(); await Task.Delay(200))
            Assert.True(DateTime.UtcNow < end, $"no {what} within two minutes");
    }
}
