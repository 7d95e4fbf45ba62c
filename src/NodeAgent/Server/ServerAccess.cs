using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeApi;

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

    /// <exception cref="System.Security.Cryptography.CryptographicException">The identity has no usable certificate.</exception>
    public ServerAccess(Kubeconfig identity)
    {
        authority = X509Certificate2.CreateFromPem(identity.CertificateAuthority);
        Tls = new SslServerAuthenticationOptions
        {
            // The node's one certificate: identities made before nodes had servers are for clients only and are accepted by
            // the API server all the same, which goes by the name in it.
            ServerCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(identity.ClientCertificate, identity.ClientKey), null, offline: true),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && Allows(shown),
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        };
    }

    public SslServerAuthenticationOptions Tls { get; }

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
