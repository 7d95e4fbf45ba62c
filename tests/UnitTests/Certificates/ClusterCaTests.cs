using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Certificates;
using KubeApi;
using Xunit;

namespace UnitTests.Certificates;

public sealed class ClusterCaTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void The_authority_stays_the_same_and_its_files_are_its_owners()
    {
        using var first = ClusterCa.Open(directory.File("pki"));
        using var second = ClusterCa.Open(directory.File("pki"));
        Assert.Equal(first.Certificate.Thumbprint, second.Certificate.Thumbprint);
        foreach (var file in Directory.GetFiles(directory.File("pki")))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory.File("pki")));
    }

    [Fact]
    public async Task Of_several_that_open_it_at_once_one_makes_it()
    {
        var thumbprints = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            using var authority = ClusterCa.Open(directory.File("pki"));
            return authority.Certificate.Thumbprint;
        })));
        Assert.Single(thumbprints.Distinct());
    }

    [Fact]
    public void A_client_certificate_names_user_and_groups_and_is_for_clients()
    {
        using var authority = ClusterCa.Open(directory.File("pki"));
        var config = authority.CreateKubeconfig("https://192.0.2.1:6443", "system:node:node1", "system:nodes");
        using var certificate = X509Certificate2.CreateFromPem(config.ClientCertificate, config.ClientKey);
        Assert.Equal("O=system:nodes, CN=system:node:node1", certificate.Subject);
        Assert.Equal("1.3.6.1.5.5.7.3.2", certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages[0].Value);

        var path = directory.File("kubeconfig");
        File.WriteAllText(path, config.ToYaml("system:node:node1"));
        Assert.Equal(config, Kubeconfig.Load(path));
    }

    [Fact]
    public void The_serving_certificate_is_kept_until_a_name_is_missing()
    {
        using var authority = ClusterCa.Open(directory.File("pki"));
        using var first = authority.ServingCertificate(["localhost"], [IPAddress.Loopback]);
        using var same = authority.ServingCertificate(["localhost"], [IPAddress.Loopback]);
        using var other = authority.ServingCertificate(["localhost"], [IPAddress.Loopback, IPAddress.Parse("192.0.2.1")]);
        Assert.Equal(first.Thumbprint, same.Thumbprint);
        Assert.NotEqual(first.Thumbprint, other.Thumbprint);
        Assert.True(other.MatchesHostname("192.0.2.1") && other.MatchesHostname("localhost"));
        Assert.True(other.HasPrivateKey);
    }

    [Fact]
    public void A_damaged_serving_certificate_is_made_anew()
    {
        using var authority = ClusterCa.Open(directory.File("pki"));
        using var first = authority.ServingCertificate(["localhost"], []);
        File.WriteAllText(directory.File("pki/apiserver.crt"), "cut o");
        using var second = authority.ServingCertificate(["localhost"], []);
        Assert.NotEqual(first.Thumbprint, second.Thumbprint);
    }

    [Fact]
    public void A_damaged_authority_is_reported_and_left_as_it_is()
    {
        ClusterCa.Open(directory.File("pki")).Dispose();
        File.WriteAllText(directory.File("pki/ca.crt"), "nonsense");
        Assert.Contains("ca.crt", Assert.Throws<CryptographicException>(() => ClusterCa.Open(directory.File("pki"))).Message);
        Assert.Equal("nonsense", File.ReadAllText(directory.File("pki/ca.crt")));

        File.Delete(directory.File("pki/ca.key"));
        Assert.Contains("ca.key", Assert.Throws<CryptographicException>(() => ClusterCa.Open(directory.File("pki"))).Message);
    }
}
