using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Joining;
using Xunit;

namespace UnitTests.Joining;

public sealed class RotationTests(ShortLivedCluster cluster) : IClassFixture<ShortLivedCluster>, IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_node_outlives_its_certificates_and_its_watches_go_on()
    {
        var file = directory.File("kubeconfig");
        await cluster.Join((await cluster.Token()).ToString(), "lasting", file);
        var first = Kubeconfig.Load(file);
        var credentials = new NodeCredentials(file, first);
        using var client = new ApiClient(new Uri(cluster.Server), credentials.Handler, "test");
        await cluster.Register(client, "lasting", "192.0.2.60");
        using var stopping = new CancellationTokenSource();
        var said = new List<string>();
        var services = new Informer<Service>(client, line => { lock (said) said.Add(line); });
        Task[] parts = [services.Run(stopping.Token), new CertificateRotation(credentials, client, "lasting", IPAddress.Parse("192.0.2.60"), line => { lock (said) said.Add(line); }).Run(stopping.Token)];
        await services.Synced;
        await Until(() => credentials.ServingCertificate is not null);
        var (end, serving) = (End(first.ClientCertificate), credentials.ServingCertificate!);

        await Until(() => DateTime.UtcNow > end.AddSeconds(1) && End(credentials.ClientCertificate) > DateTime.UtcNow && credentials.ServingCertificate != serving);
        Assert.Equal("system:node:lasting", (await client.Create(new SelfSubjectReview(), default)).Status!.UserInfo!.Username);
        using (var old = new ApiClient(first, "test")) await Assert.ThrowsAnyAsync<Exception>(() => old.Create(new SelfSubjectReview(), default));
        Assert.Equal(credentials.ClientCertificate.Trim(), Kubeconfig.Load(file).ClientCertificate.Trim());
        Assert.Equal(credentials.ServingCertificate!.Trim(), ServingCertificateFile.TryRead(ServingCertificateFile.Beside(file))!.Certificate.Trim());

        // The watch that was opened with the first certificate is the same one still.
        await cluster.Api.Create(new Service { Metadata = new ObjectMeta { Name = "late", Namespace = "default" }, Spec = new ServiceSpec { Ports = [new ServicePort { Port = 80 }] } }, default);
        await Until(() => services.Get("default/late") is not null);
        lock (said) Assert.DoesNotContain(said, line => line.Contains("services", StringComparison.Ordinal));
        await stopping.CancelAsync();
        foreach (var part in parts)
            try { await part; }
            catch (OperationCanceledException) { }

        async Task Until(Func<bool> holds)
        {
            for (var end = DateTime.UtcNow.AddSeconds(120); !holds(); await Task.Delay(50))
                if (DateTime.UtcNow > end) { lock (said) Assert.Fail($"not within two minutes:\n{string.Join('\n', said)}"); }
        }
    }

    private static DateTime End(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.NotAfter.ToUniversalTime();
    }
}
