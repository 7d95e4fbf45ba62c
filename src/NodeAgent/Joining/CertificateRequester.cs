using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Joining;

/// <summary>A certificate and its key, PEM texts.</summary>
internal sealed record IssuedCertificate(string Certificate, string Key);

/// <summary>Asks the cluster for a node's certificates by CertificateSigningRequests, with a new key each time; the key never leaves this process.</summary>
internal sealed class CertificateRequester(ApiClient client, string node)
{
    private const string ClientSigner = "kubernetes.io/kube-apiserver-client-kubelet", ServingSigner = "kubernetes.io/kubelet-serving";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>By which the node is known to the API server.</summary>
    /// <inheritdoc cref="Request"/>
    public Task<IssuedCertificate> Client(TimeSpan patience, CancellationToken cancel) => Request(ClientSigner, "client auth", null, patience, cancel);

    /// <summary>Which the node's own port shows.</summary>
    /// <inheritdoc cref="Request"/>
    public Task<IssuedCertificate> Serving(IPAddress address, TimeSpan patience, CancellationToken cancel)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(node);
        names.AddIpAddress(address);
        return Request(ServingSigner, "server auth", names.Build(), patience, cancel);
    }

    /// <param name="patience">How long to wait for somebody to approve and sign.</param>
    /// <exception cref="JoinException">It was denied or failed, or nobody approved it in time; the message says so.</exception>
    /// <exception cref="ApiException">The request itself is refused.</exception>
    private async Task<IssuedCertificate> Request(string signer, string purpose, X509Extension? names, TimeSpan patience, CancellationToken cancel)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddOrganizationName("system:nodes");
        subject.AddCommonName("system:node:" + node);
        var asked = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        if (names is not null) asked.CertificateExtensions.Add(names);
        var created = await client.Create(new CertificateSigningRequest
        {
            Metadata = new ObjectMeta { GenerateName = signer == ServingSigner ? "csr-serving-" : "node-csr-" },
            Spec = new CertificateSigningRequestSpec { Request = Encoding.ASCII.GetBytes(asked.CreateSigningRequestPem()), SignerName = signer, Usages = ["digital signature", purpose] },
        }, cancel);
        var certificate = await Issued(created, DateTime.UtcNow + patience, cancel);
        using var together = X509Certificate2.CreateFromPem(certificate).CopyWithPrivateKey(key); // throws if it is of another key
        return new IssuedCertificate(certificate, key.ExportPkcs8PrivateKeyPem());
    }

    private async Task<string> Issued(CertificateSigningRequest created, DateTime end, CancellationToken cancel)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var request = await client.Get<CertificateSigningRequest>("", created.Name, cancel);
            if (request.Status?.Certificate is { Length: > 0 } certificate) return Encoding.ASCII.GetString(certificate);
            if (request.Status?.Conditions?.FirstOrDefault(condition => condition.Type is "Denied" or "Failed") is { } refusal) throw new JoinException($"the cluster refuses the certificate: {refusal.Message ?? refusal.Reason ?? refusal.Type}");
            if (DateTime.UtcNow > end)
                throw new JoinException(request.Status?.Conditions?.Any(condition => condition.Type == "Approved") == true ? $"nobody signed the request {created.Name}: are the controllers running?"
                    : $"nobody approved the request {created.Name}: 'kubectl certificate approve {created.Name}' does, then join again");
            await Task.Delay(pause, cancel);
        }
    }
}
