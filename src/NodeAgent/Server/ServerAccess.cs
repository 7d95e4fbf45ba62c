using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeApi;
using NodeAgent.Joining;

namespace NodeAgent.Server;

/// <summary>
/// Who may speak to the node's port: the API server, known by a client certificate of the cluster's CA with the common
/// name <see cref="ApiServerName"/>. Anybody else (no certificate, a user's, an administrator's, another node's) is
/// refused in the TLS handshake, before a byte of HTTP is read.
/// </summary>
internal sealed class ServerAccess
{
    /// <summary>As kubeadm names the certificate (--kubelet-client-certificate).</summary>
    public const string ApiServerName = "kube-apiserver-kubelet-client";

    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 authority;
    private volatile SslServerAuthenticationOptions tls;

    /// <param name="serving">Null: the client's certificate is shown. It is for clients only and is accepted by the API server all the same, which goes by the name in it.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The identity has no usable certificate.</exception>
    public ServerAccess(Kubeconfig identity, IssuedCertificate? serving = null)
    {
        authority = X509Certificate2.CreateFromPem(identity.CertificateAuthority);
        tls = Options(serving?.Certificate ?? identity.ClientCertificate, serving?.Key ?? identity.ClientKey);
    }

    /// <summary>For the next connection.</summary>
    public SslServerAuthenticationOptions Tls => tls;

    /// <summary>From the next connection on this certificate is shown; those that are there go on.</summary>
    public void Show(string certificatePem, string keyPem) => tls = Options(certificatePem, keyPem);

    private SslServerAuthenticationOptions Options(string certificatePem, string keyPem) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificatePem, keyPem), null, offline: true),
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && Allows(shown),
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };

    internal bool Allows(X509Certificate2 certificate)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true, ApplicationPolicy = { new(ClientAuthentication) },
            },
        };
        return chain.Build(certificate) && certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == ApiServerName;
    }
}
