using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.ApiServer;

/// <summary>How the API server answers a TLS handshake. Its certificate can be replaced while it runs: the next connection gets the new one, those that are there go on.</summary>
internal sealed class ServingTls
{
    private readonly Func<X509Certificate2> read;
    private X509Certificate2 shown;
    private volatile SslServerAuthenticationOptions options;

    /// <param name="read">The certificate that is to be shown, with its key; makes a new one if it is time.</param>
    public ServingTls(Func<X509Certificate2> read)
    {
        this.read = read;
        shown = read();
        options = Of(shown);
    }

    /// <summary>The same object until the certificate changes, so that clients can resume their sessions.</summary>
    public SslServerAuthenticationOptions Options => options;

    /// <summary>See <see cref="Certificates.CertificateRenewal.Keep"/>. The one before is not disposed: a handshake may be using it.</summary>
    public X509Certificate2? Reread()
    {
        var certificate = read();
        if (certificate.Thumbprint == shown.Thumbprint)
        {
            certificate.Dispose();
            return null;
        }
        options = Of(certificate);
        return shown = certificate;
    }

    private static SslServerAuthenticationOptions Of(X509Certificate2 certificate) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
        ClientCertificateRequired = true, // asked for; whoever has none is answered all the same
        RemoteCertificateValidationCallback = (_, _, _, _) => true, // Authentication decides, and can answer 401 in words
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };
}
