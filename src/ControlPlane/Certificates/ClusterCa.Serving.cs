using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Certificates;

/// <summary>What the API server shows of itself: <c>DIR/apiserver.crt</c> and <c>DIR/apiserver.key</c>.</summary>
internal sealed partial class ClusterCa
{
    /// <summary>
    /// The certificate that the API server shows; made anew when it
    /// lacks one of the names, was signed by another authority, or ends soon.
    /// </summary>
    /// <exception cref="CryptographicException">A new one is needed, but the authority has ended.</exception>
    public X509Certificate2 ServingCertificate(IReadOnlyCollection<string> dnsNames, IReadOnlyCollection<IPAddress> addresses)
    {
        using var held = OwnerOnlyFile.Lock(Path.Combine(directory, ".lock"));
        var (certificateFile, keyFile) = (Path.Combine(directory, "apiserver.crt"), Path.Combine(directory, "apiserver.key"));
        if (TryRead(certificateFile, keyFile) is { } kept)
        {
            if (StillGood(kept, dnsNames, addresses)) return kept;
            kept.Dispose();
        }
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames) names.AddDnsName(name);
        foreach (var address in addresses) names.AddIpAddress(address);
        return WriteServing(names.Build());
    }

    /// <summary>The API server's certificate with the names that it has, and a new key; a server that runs shows it soon (<see cref="CertificateRenewal"/>).</summary>
    /// <returns>When it ends.</returns>
    /// <exception cref="CryptographicException">There is none to renew, or the authority has ended.</exception>
    public DateTime RenewServingCertificate()
    {
        using var held = OwnerOnlyFile.Lock(Path.Combine(directory, ".lock"));
        var file = Path.Combine(directory, "apiserver.crt");
        if (!File.Exists(file)) throw new CryptographicException($"there is no {file}: 'controlplane run' makes it when it starts");
        using var present = X509CertificateLoader.LoadCertificateFromFile(file);
        using var renewed = WriteServing(present.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single());
        return renewed.NotAfter.ToUniversalTime();
    }

    private X509Certificate2 WriteServing(X509Extension names)
    {
        var (certificateFile, keyFile) = (Path.Combine(directory, "apiserver.crt"), Path.Combine(directory, "apiserver.key"));
        var (certificate, key) = Sign("kube-apiserver", [], [ServerAuthentication], names);
        File.Delete(certificateFile);
        OwnerOnlyFile.Write(keyFile, key);
        OwnerOnlyFile.Write(certificateFile, certificate);
        return Read(certificateFile, keyFile);
    }

    private bool StillGood(X509Certificate2 certificate, IReadOnlyCollection<string> dnsNames, IReadOnlyCollection<IPAddress> addresses)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is not null && HasSigned(certificate) && !IsDue(certificate)
            && dnsNames.All(name => names.EnumerateDnsNames().Contains(name)) && addresses.All(address => names.EnumerateIPAddresses().Contains(address));
    }

    private static X509Certificate2? TryRead(string certificateFile, string keyFile)
    {
        try { return File.Exists(certificateFile) && File.Exists(keyFile) ? Read(certificateFile, keyFile) : null; }
        catch (CryptographicException) { return null; } // cut off while being written: it can be made anew
    }
}
