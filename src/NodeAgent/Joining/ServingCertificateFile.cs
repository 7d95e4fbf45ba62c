using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NodeAgent.Joining;

/// <summary>The certificate that the node's own port shows, with its key: <c>serving.pem</c> beside the kubeconfig, its owner's only (0600).</summary>
internal static class ServingCertificateFile
{
    public static string Beside(string kubeconfig) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(kubeconfig))!, "serving.pem");

    /// <summary>Null where there is none, it cannot be read, or it has ended: a new one can be had.</summary>
    public static IssuedCertificate? TryRead(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            using var certificate = X509Certificate2.CreateFromPem(text, text);
            return certificate.NotAfter > DateTime.Now ? new IssuedCertificate(certificate.ExportCertificatePem(), text[text.IndexOf("-----BEGIN PRIVATE KEY-----", StringComparison.Ordinal)..].Trim()) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentOutOfRangeException) { return null; }
    }

    public static void Write(string path, IssuedCertificate issued) => NodeIdentityFile.WriteText(path, issued.Certificate.Trim() + "\n" + issued.Key.Trim() + "\n");
}
