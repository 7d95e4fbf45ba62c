using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Certificates;
using KubeApi;
using Xunit;

namespace UnitTests.Certificates;

/// <summary>The real program, as an administrator types its commands.</summary>
public sealed class CertsCommandTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Certificates_are_listed_and_renewed_for_the_same_user_and_names()
    {
        using (var authority = ClusterCa.Open(Pki, TimeSpan.FromHours(20)))
        {
            authority.ServingCertificate(["localhost"], [IPAddress.Parse("192.0.2.1")]).Dispose();
            await File.WriteAllTextAsync(directory.File("admin.conf"), "# mine\n" + authority.CreateKubeconfig("https://192.0.2.1:6443", "kubernetes-admin", "system:masters", "more").ToYaml("kubernetes-admin"));
        }
        var (code, said, _) = await Run("check-expiration");
        Assert.Equal(0, code);
        Assert.Matches(@"(?m)^admin\.conf +\w{3} \d\d, \d{4} \d\d:\d\d UTC +(19|20)h +controlplane certs renew admin\.conf$", said);
        Assert.Matches(@"(?m)^apiserver +.* UTC +(19|20)h ", said);
        Assert.Matches(@"(?m)^ca +.* UTC +9y", said);

        var before = Kubeconfig.Load(directory.File("admin.conf"));
        (code, said, _) = await Run("renew", "all");
        Assert.Equal((0, 2), (code, said.Split(": renewed, until ").Length - 1));
        Assert.Matches(@"(?m)^admin\.conf +.* UTC +36[45]d ", (await Run("check-expiration")).Output);
        var after = Kubeconfig.Load(directory.File("admin.conf"));
        Assert.StartsWith("# mine\n", await File.ReadAllTextAsync(directory.File("admin.conf")), StringComparison.Ordinal);
        Assert.Equal((before.Server, before.CertificateAuthority), (after.Server, after.CertificateAuthority));
        using var renewed = X509Certificate2.CreateFromPem(after.ClientCertificate, after.ClientKey);
        Assert.Equal("O=system:masters, O=more, CN=kubernetes-admin", renewed.Subject);
        using var serving = X509Certificate2.CreateFromPemFile(Path.Combine(Pki, "apiserver.crt"), Path.Combine(Pki, "apiserver.key"));
        Assert.True(serving.MatchesHostname("192.0.2.1") && serving.MatchesHostname("localhost"));
        Assert.DoesNotContain(Directory.GetFiles(directory.Path, "*", SearchOption.AllDirectories), file => file.EndsWith(".new", StringComparison.Ordinal) || file.EndsWith(".renewed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_renewed_authority_has_the_same_key_so_that_what_the_old_one_signed_stays_good()
    {
        using var old = ClusterCa.Open(Pki);
        var config = old.CreateKubeconfig("https://192.0.2.1:6443", "admin");
        Assert.Equal(0, (await Run("renew", "ca")).Code);
        using var renewed = ClusterCa.Open(Pki);
        Assert.NotEqual(old.Certificate.Thumbprint, renewed.Certificate.Thumbprint);
        Assert.Equal(old.Certificate.PublicKey.ExportSubjectPublicKeyInfo(), renewed.Certificate.PublicKey.ExportSubjectPublicKeyInfo());
        using var signedBefore = X509Certificate2.CreateFromPem(config.ClientCertificate);
        using var signedAfter = X509Certificate2.CreateFromPem(renewed.CreateKubeconfig("https://192.0.2.1:6443", "admin").ClientCertificate);
        Assert.True(renewed.HasSigned(signedBefore) && old.HasSigned(signedAfter));
    }

    [Fact]
    public async Task An_authority_that_has_ended_is_named_with_what_to_do()
    {
        Ended();
        var (code, said, _) = await Run("check-expiration");
        Assert.Equal(0, code);
        Assert.Matches("(?m)^ca +.*<expired>", said);
        using (var authority = ClusterCa.Open(Pki))
        {
            var error = Assert.Throws<CryptographicException>(() => authority.ServingCertificate(["localhost"], [])).Message;
            Assert.Contains("ca.crt ended on ", error, StringComparison.Ordinal);
            Assert.Contains("'controlplane certs renew ca'", error, StringComparison.Ordinal);
        }
        Assert.Equal(0, (await Run("renew", "ca")).Code);
        using var again = ClusterCa.Open(Pki);
        again.ServingCertificate(["localhost"], []).Dispose();
    }

    [Fact]
    public async Task A_kubeconfig_of_another_cluster_or_of_a_node_is_left_as_it_is()
    {
        using var other = ClusterCa.Open(directory.File("elsewhere"));
        using var own = ClusterCa.Open(Pki);
        foreach (var (config, reason) in new[] { (other.CreateKubeconfig("https://192.0.2.1:6443", "admin"), "is not of this cluster's authority"), (own.CreateNodeKubeconfig("https://192.0.2.1:6443", "node1"), "is a node") })
        {
            await File.WriteAllTextAsync(directory.File("some.conf"), config.ToYaml("user"));
            var (code, _, error) = await Run("renew", "admin.conf", "--kubeconfig", directory.File("some.conf"));
            Assert.Equal((1, true), (code, error.Contains(reason, StringComparison.Ordinal)));
            Assert.Equal(config, Kubeconfig.Load(directory.File("some.conf")));
        }
    }

    [Fact]
    public void A_certificate_is_due_when_a_sixth_of_its_life_is_left_but_not_if_the_authority_ends_with_it()
    {
        using var authority = ClusterCa.Open(Pki, TimeSpan.FromDays(60));
        using var certificate = X509Certificate2.CreateFromPem(authority.CreateKubeconfig("", "user").ClientCertificate);
        Assert.Equal(50, (ClusterCa.Due(certificate) - DateTime.UtcNow).TotalDays, 0.1);
        Assert.False(authority.IsDue(certificate));

        using var longer = ClusterCa.Open(Pki, TimeSpan.FromDays(36500));
        using var cut = X509Certificate2.CreateFromPem(longer.CreateKubeconfig("", "user").ClientCertificate);
        Assert.Equal(longer.Certificate.NotAfter, cut.NotAfter);
        Assert.False(longer.IsDue(cut));
    }

    private string Pki => directory.File("pki");

    /// <summary>An authority of last year.</summary>
    private void Ended()
    {
        ClusterCa.Open(Pki).Dispose();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var ended = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-400), DateTimeOffset.UtcNow.AddDays(-35));
        File.WriteAllText(Path.Combine(Pki, "ca.crt"), ended.ExportCertificatePem());
        File.WriteAllText(Path.Combine(Pki, "ca.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "controlplane"), ["certs", .. arguments, "--data-dir", directory.Path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
