using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Authentication;
using KubeApi;

namespace ControlPlane.Certificates;

/// <summary>
/// The cluster's certificate authority: <c>DIR/ca.crt</c> and <c>DIR/ca.key</c> (PEM, ECDSA P-256, mode 0600), made on
/// first use. Signs the server's certificate and the client certificates by which users and nodes are known.
/// </summary>
internal sealed class ClusterCa : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650), LeafLifetime = TimeSpan.FromDays(365);

    /// <summary>How long before its end a certificate is replaced, when the server starts.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(60);

    private readonly string directory;

    private ClusterCa(string directory, X509Certificate2 certificate) => (this.directory, Certificate) = (directory, certificate);

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Without the key.</summary>
    public string CertificatePem => Certificate.ExportCertificatePem();

    /// <summary>Reads the authority or makes it. Several processes may do so at once: a lock lets one of them make it.</summary>
    /// <exception cref="IOException">The files cannot be read or written.</exception>
    /// <exception cref="CryptographicException">The files are damaged; they are left as they are.</exception>
    public static ClusterCa Open(string directory)
    {
        Directory.CreateDirectory(directory, OwnerOnlyFile.Mode | UnixFileMode.UserExecute);
        using var held = OwnerOnlyFile.Lock(Path.Combine(directory, ".lock"));
        var (certificateFile, keyFile) = (Path.Combine(directory, "ca.crt"), Path.Combine(directory, "ca.key"));
        if (File.Exists(certificateFile) && File.Exists(keyFile)) return new ClusterCa(directory, Read(certificateFile, keyFile));
        if (File.Exists(certificateFile))
            throw new CryptographicException($"{certificateFile} is there, but its key {keyFile} is not: restore it, or move the certificate away to begin with a new authority");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow + AuthorityLifetime);
        OwnerOnlyFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem());
        OwnerOnlyFile.Write(certificateFile, certificate.ExportCertificatePem()); // last: with it the authority is complete
        return new ClusterCa(directory, certificate);
    }

    /// <summary>
    /// The certificate that the API server shows, kept in <c>apiserver.crt</c> and <c>apiserver.key</c>; made anew when it
    /// lacks one of the names, was signed by another authority, or ends soon.
    /// </summary>
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
        var (certificate, key) = Sign("kube-apiserver", [], [ServerAuthentication], names.Build());
        File.Delete(certificateFile);
        OwnerOnlyFile.Write(keyFile, key);
        OwnerOnlyFile.Write(certificateFile, certificate);
        return Read(certificateFile, keyFile);
    }

    /// <summary>A new identity, valid for a year. <paramref name="user"/> becomes the user's name, <paramref name="groups"/> the groups.</summary>
    public Kubeconfig CreateKubeconfig(string server, string user, params string[] groups)
    {
        var (certificate, key) = Sign(user, groups, [ClientAuthentication], null);
        return new Kubeconfig(server, CertificatePem, certificate, key);
    }

    /// <summary>As <see cref="CreateKubeconfig"/>, for a node: its agent is a client of the API server and, at its own port, a server for it.</summary>
    public Kubeconfig CreateNodeKubeconfig(string server, string node)
    {
        var (certificate, key) = Sign(User.NodePrefix + node, [User.Nodes], [ClientAuthentication, ServerAuthentication], null);
        return new Kubeconfig(server, CertificatePem, certificate, key);
    }

    /// <summary>The certificate that a request asks for, as PEM text: its subject, key and names, the usages given.</summary>
    /// <param name="lifetime">Cut where the authority itself ends earlier.</param>
    public string Sign(SigningRequest asked, IReadOnlyList<string> usages, TimeSpan lifetime)
    {
        var request = new CertificateRequest(asked.Subject, asked.Key, HashAlgorithmName.SHA256);
        var purposes = new List<string>();
        if (usages.Contains(Signers.ClientAuth)) purposes.Add(ClientAuthentication);
        if (usages.Contains(Signers.ServerAuth)) purposes.Add(ServerAuthentication);
        var flags = (usages.Contains(Signers.DigitalSignature) ? X509KeyUsageFlags.DigitalSignature : 0) | (usages.Contains(Signers.KeyEncipherment) ? X509KeyUsageFlags.KeyEncipherment : 0);
        return Issue(request, flags, purposes, asked.AlternativeNames, lifetime);
    }

    public void Dispose() => Certificate.Dispose();

    private (string Certificate, string Key) Sign(string commonName, string[] organizations, string[] usages, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        foreach (var organization in organizations) subject.AddOrganizationName(organization);
        subject.AddCommonName(commonName);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        return (Issue(request, X509KeyUsageFlags.DigitalSignature, usages, names, LeafLifetime), key.ExportPkcs8PrivateKeyPem());
    }

    private string Issue(CertificateRequest request, X509KeyUsageFlags flags, IReadOnlyList<string> purposes, X509Extension? names, TimeSpan lifetime)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        // With no bit set it would be no valid certificate (RFC 5280, 4.2.1.3).
        if (flags != X509KeyUsageFlags.None) request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(purpose => new Oid(purpose))], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        if (names is not null) request.CertificateExtensions.Add(names);
        var end = DateTimeOffset.UtcNow + lifetime;
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F; // an INTEGER in DER is signed
        using var signer = Certificate.GetECDsaPrivateKey()!;
        using var signed = request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), // the key asked for may be of another algorithm
            DateTimeOffset.UtcNow.AddMinutes(-5), end < Certificate.NotAfter ? end : Certificate.NotAfter, serial);
        return signed.ExportCertificatePem();
    }

    private bool StillGood(X509Certificate2 certificate, IReadOnlyCollection<string> dnsNames, IReadOnlyCollection<IPAddress> addresses)
    {
        if (certificate.NotAfter.ToUniversalTime() < DateTime.UtcNow + RenewBefore) return false;
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { Certificate } } };
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is not null && chain.Build(certificate)
            && dnsNames.All(name => names.EnumerateDnsNames().Contains(name)) && addresses.All(address => names.EnumerateIPAddresses().Contains(address));
    }

    private static X509Certificate2? TryRead(string certificateFile, string keyFile)
    {
        try { return File.Exists(certificateFile) && File.Exists(keyFile) ? Read(certificateFile, keyFile) : null; }
        catch (CryptographicException) { return null; } // cut off while being written: it can be made anew
    }

    private static X509Certificate2 Read(string certificateFile, string keyFile)
    {
        try { return X509Certificate2.CreateFromPemFile(certificateFile, keyFile); }
        catch (CryptographicException e) { throw new CryptographicException($"{certificateFile} or {keyFile} is damaged: {e.Message}", e); }
    }
}
