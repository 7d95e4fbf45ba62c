using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Authentication;
using KubeApi;

namespace ControlPlane.Certificates;

/// <summary>A new certificate and key for the user of a kubeconfig file, who stays the same (kubeadm's <c>certs renew admin.conf</c>). All else in the file stays as it is.</summary>
internal static class KubeconfigRenewal
{
    private const string Organization = "2.5.4.10", CommonName = "2.5.4.3";

    /// <returns>When the new certificate ends.</returns>
    /// <exception cref="FormatException">The file has no embedded certificate, one of another authority, or a node's; it is left as it is.</exception>
    /// <exception cref="CryptographicException">The authority has ended.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static DateTime Run(ClusterCa authority, string path)
    {
        var (text, old) = (File.ReadAllText(path), Kubeconfig.Load(path));
        using var certificate = X509Certificate2.CreateFromPem(old.ClientCertificate);
        if (!authority.HasSigned(certificate)) throw new FormatException($"{path}: its certificate ({certificate.Subject}) is not of this cluster's authority; nothing was changed");
        var (user, groups) = (Values(certificate, CommonName).Last(), Values(certificate, Organization).ToArray());
        if (user.StartsWith(User.NodePrefix, StringComparison.Ordinal)) throw new FormatException($"{path}: {user} is a node, whose agent renews its certificate itself; nothing was changed");
        var renewed = authority.CreateKubeconfig(old.Server, user, groups);
        var result = Replace(Replace(Replace(text, old.ClientCertificate, renewed.ClientCertificate, path), old.ClientKey, renewed.ClientKey, path), old.CertificateAuthority, renewed.CertificateAuthority, path);
        Overwrite(path, result);
        using var next = X509Certificate2.CreateFromPem(renewed.ClientCertificate);
        return next.NotAfter.ToUniversalTime();
    }

    private static IEnumerable<string> Values(X509Certificate2 certificate, string type) => certificate.SubjectName.EnumerateRelativeDistinguishedNames()
        .Where(name => !name.HasMultipleElements && name.GetSingleElementType().Value == type).Select(name => name.GetSingleElementValue() ?? "");

    private static string Replace(string text, string old, string renewed, string path)
    {
        var (before, after) = (Base64(old), Base64(renewed));
        return text.Contains(before, StringComparison.Ordinal) ? text.Replace(before, after, StringComparison.Ordinal)
            : throw new FormatException($"{path}: the certificate's text is broken into lines; nothing was changed. 'controlplane kubeconfig admin' prints a new file");
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));

    /// <summary>In place, so that the file stays its owner's; with a whole copy beside it meanwhile, should the machine stop in between.</summary>
    private static void Overwrite(string path, string text)
    {
        var copy = path + ".renewed";
        OwnerOnlyFile.Write(copy, text.TrimEnd('\n'));
        File.WriteAllText(path, text);
        File.Delete(copy);
    }
}
