using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Certificates;
using ControlPlane.Controllers.Certificates;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Certificates;

public sealed class SignerTests
{
    private const string Node = "O=system:nodes, CN=system:node:n1";

    private static SigningRequest Parse(string pem) => SigningRequest.Parse(Encoding.ASCII.GetBytes(pem));

    private static string? Refusal(string signer, string subject, Action<SubjectAlternativeNameBuilder>? names, params string[] usages) => Signers.Refusal(signer, Parse(TestSigningRequests.Pem(subject, names)), usages);

    [Theory]
    [InlineData(Node, "digital signature,client auth", null)]
    [InlineData(Node, "digital signature,key encipherment,client auth", null)]
    [InlineData(Node, "client auth", "usages did not match")]
    [InlineData(Node, "digital signature,client auth,server auth", "usages did not match")]
    [InlineData("CN=system:node:n1", "digital signature,client auth", "subject organization is not system:nodes")]
    [InlineData("O=system:nodes, O=system:masters, CN=system:node:n1", "digital signature,client auth", "subject organization is not system:nodes")]
    [InlineData("O=system:nodes, CN=admin", "digital signature,client auth", "subject common name does not begin with system:node:")]
    [InlineData("O=system:nodes, CN=system:node:", "digital signature,client auth", "subject common name does not begin with system:node:")]
    public void The_signer_of_nodes_client_certificates_knows_its_rules(string subject, string usages, string? refusal) =>
        Assert.Equal(refusal, Refusal(Signers.KubeletClient, subject, null, usages.Split(',')));

    [Fact]
    public void Names_are_for_servers_only_and_only_names_of_machines()
    {
        Assert.Equal("DNS subjectAltNames are not allowed", Refusal(Signers.KubeletClient, Node, names => names.AddDnsName("x"), "digital signature", "client auth"));
        Assert.Equal("IP subjectAltNames are not allowed", Refusal(Signers.KubeletClient, Node, names => names.AddIpAddress(IPAddress.Loopback), "digital signature", "client auth"));
        Assert.Equal("Email subjectAltNames are not allowed", Refusal(Signers.KubeletClient, Node, names => names.AddEmailAddress("a@b"), "digital signature", "client auth"));
        Assert.Equal("URI subjectAltNames are not allowed", Refusal(Signers.KubeletServing, Node, names => { names.AddDnsName("n1"); names.AddUri(new Uri("spiffe://a/b")); }, "digital signature", "server auth"));
        Assert.Equal("DNS or IP subjectAltName is required", Refusal(Signers.KubeletServing, Node, null, "digital signature", "server auth"));
        Assert.Null(Refusal(Signers.KubeletServing, Node, names => names.AddDnsName("n1"), "digital signature", "server auth"));
        Assert.Equal("usages did not match", Refusal(Signers.KubeletServing, Node, names => names.AddDnsName("n1"), "digital signature", "client auth"));
    }

    [Fact]
    public void Nobody_becomes_an_administrator_by_a_request() => Assert.Equal("use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
        Refusal(Signers.ApiServerClient, "O=system:masters, CN=eve", null, "client auth"));

    [Fact]
    public void A_request_that_its_key_did_not_sign_is_none()
    {
        var pem = TestSigningRequests.Pem(Node);
        PemEncoding.TryFind(pem, out var fields);
        var der = Convert.FromBase64String(pem[fields.Base64Data]);
        der[^1] ^= 1;
        Assert.Throws<FormatException>(() => Parse(PemEncoding.WriteString("CERTIFICATE REQUEST", der)));
        Assert.Throws<FormatException>(() => Parse("nothing"));
        Assert.Throws<FormatException>(() => Parse(pem.Replace("CERTIFICATE REQUEST", "CERTIFICATE")));
    }

    [Fact]
    public void A_certificate_has_the_subject_key_names_and_lifetime_that_were_asked_for_whatever_the_kind_of_key()
    {
        using var directory = new TemporaryDirectory();
        using var authority = ClusterCa.Open(directory.Path);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(Node, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("n1");
        names.AddIpAddress(IPAddress.Parse("192.0.2.7"));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = X509Certificate2.CreateFromPem(authority.Sign(Parse(request.CreateSigningRequestPem()), ["digital signature", "server auth"], TimeSpan.FromMinutes(10)), key.ExportPkcs8PrivateKeyPem());
        Assert.Equal(Node, certificate.Subject);
        Assert.True(certificate.MatchesHostname("n1") && certificate.MatchesHostname("192.0.2.7"));
        Assert.Equal("1.3.6.1.5.5.7.3.1", Assert.Single(certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>()).Value);
        Assert.InRange(certificate.NotAfter.ToUniversalTime(), DateTime.UtcNow.AddMinutes(5), DateTime.UtcNow.AddMinutes(10));
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority.Certificate } } };
        Assert.True(chain.Build(certificate));
    }

    [Fact]
    public void Without_a_key_usage_that_was_asked_for_there_is_no_such_extension()
    {
        using var directory = new TemporaryDirectory();
        using var authority = ClusterCa.Open(directory.Path);
        using var certificate = X509Certificate2.CreateFromPem(authority.Sign(Parse(TestSigningRequests.Pem("CN=jane")), ["client auth"], TimeSpan.FromMinutes(10)));
        Assert.Empty(certificate.Extensions.OfType<X509KeyUsageExtension>());
    }

    [Theory]
    [InlineData("n1", "192.0.2.1", null)]
    [InlineData("n1", "192.0.2.9", "192.0.2.9 is not among the node's addresses")]
    [InlineData("n2", "192.0.2.1", "DNS name n2 is not the node's name")]
    [InlineData("kubernetes", "192.0.2.1", "DNS name kubernetes is not the node's name")]
    [InlineData("n1", "192.0.2.2", "192.0.2.2 is also an address of the API server, a Service or another node")]
    [InlineData("n1", "192.0.2.100", "192.0.2.100 is also an address of the API server, a Service or another node")]
    [InlineData("n1", "10.96.0.1", "10.96.0.1 is also an address of the API server, a Service or another node")]
    [InlineData("n1", "127.0.0.1", "127.0.0.1 is no address of a node")]
    public void A_node_serves_under_its_own_name_and_addresses_only_whatever_it_says_of_itself(string name, string address, string? refusal)
    {
        var liar = NodeAt("n1", "192.0.2.1", "192.0.2.2", "192.0.2.100", "10.96.0.1", "127.0.0.1");
        var service = new Service { Spec = new ServiceSpec { ClusterIPs = ["10.96.0.1"] } };
        var apiServer = new Endpoints { Subsets = [new EndpointSubset { Addresses = [new EndpointAddress { Ip = "192.0.2.100" }] }] };
        var asked = Parse(TestSigningRequests.Pem(Node, names => { names.AddDnsName(name); names.AddIpAddress(IPAddress.Parse(address)); }));
        Assert.Equal(refusal, ServingNames.Refusal(asked, liar, [liar, NodeAt("n2", "192.0.2.2")], [service], apiServer));
    }

    private static Node NodeAt(string name, params string[] addresses) => new()
    {
        Metadata = new ObjectMeta { Name = name }, Status = new NodeStatus { Addresses = addresses.Select(address => new NodeAddress { Type = "InternalIP", Address = address }).ToList() },
    };
}
