using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeApi;

namespace UnitTests.KubeApi;

public sealed class KubeconfigTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void What_is_written_is_read_again()
    {
        var (certificate, key) = SelfSigned();
        var config = new Kubeconfig("https://127.0.0.1:6443", certificate, certificate, key);
        File.WriteAllText(path, config.ToYaml("admin"));
        Assert.Equal(config, Kubeconfig.Load(path));
    }

    [Fact]
    public void The_handler_presents_the_client_certificate()
    {
        var (certificate, key) = SelfSigned();
        using var handler = new Kubeconfig("https://127.0.0.1:6443", certificate, certificate, key).CreateHandler();
        var presented = Assert.Single(handler.SslOptions.ClientCertificates!.Cast<X509Certificate2>());
        Assert.Equal("CN=admin", presented.Subject);
        Assert.True(presented.HasPrivateKey);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a: [", "is not YAML")]
    [InlineData("kind: Config", "lacks current-context")]
    [InlineData("current-context: x\ncontexts: []", "no context named \"x\"")]
    [InlineData("current-context: x\ncontexts:\n- name: x\n  context: {cluster: c}\nclusters: []", "no cluster named \"c\"")]
    public void A_broken_file_is_refused_with_what_is_missing(string text, string message)
    {
        File.WriteAllText(path, text);
        Assert.Contains(message, Assert.Throws<FormatException>(() => Kubeconfig.Load(path)).Message);
    }

    [Fact]
    public void Certificates_that_are_not_base64_are_refused()
    {
        File.WriteAllText(path, """
            current-context: x
            contexts: [{name: x, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "https://h", certificate-authority-data: "***"}}]
            users: [{name: u, user: {}}]
            """);
        Assert.Contains("certificate-authority-data", Assert.Throws<FormatException>(() => Kubeconfig.Load(path)).Message);
    }

    [Fact]
    public void A_missing_file_says_so() => Assert.ThrowsAny<IOException>(() => Kubeconfig.Load(path + ".none"));

    private static (string Certificate, string Key) SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=admin", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
