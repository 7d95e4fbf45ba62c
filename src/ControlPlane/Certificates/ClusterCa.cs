using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Authentication;
using KubeApi;

namespace ControlPlane.Certificates;

/// <summary>
/// The cluster's certificate authority: <c>DIR/ca.crt</c> and <c>DIR/ca.key</c> (PEM, ECDSA P-256, mode 0600), made on
/// first use. Signs the server's certificate and the client certificates by which users and nodes are known.
/// </summary>
internal sealed partial class ClusterCa : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>kubeadm's <c>certificateValidityPeriod</c> and <c>caCertificateValidityPeriod</c>.</summary>
    public static readonly TimeSpan DefaultLeafLifetime = TimeSpan.FromDays(365), AuthorityLifetime = TimeSpan.FromDays(3650);

    private readonly string directory;
    private readonly TimeSpan leafLifetime;

    private ClusterCa(string directory, X509Certificate2 certificate, TimeSpan? leafLifetime) =>
        (this.directory, Certificate, this.leafLifetime) = (directory, certificate, leafLifetime ?? DefaultLeafLifetime);

    /// <summary>So much before its making a certificate begins, for clocks that are behind.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Without the key.</summary>
    public string CertificatePem => Certificate.ExportCertificatePem();

    /// <summary>Reads the authority or makes it. Several processes may do so at once: a lock lets one of them make it.</summary>
    /// <param name="leafLifetime">Of the control plane's own certificates and the kubeconfigs; cut where the authority itself ends earlier.</param>
    /// <exception cref="IOException">The files cannot be read or written.</exception>
    /// <exception cref="CryptographicException">The files are damaged; they are left as they are.</exception>
    public static ClusterCa Open(string directory, TimeSpan? leafLifetime = null)
    {
        Directory.CreateDirectory(directory, OwnerOnlyFile.Mode | UnixFileMode.UserExecute);
        using var held = OwnerOnlyFile.Lock(Path.Combine(directory, ".lock"));
        var (certificateFile, keyFile) = (Path.Combine(directory, "ca.crt"), Path.Combine(directory, "ca.key"));
        if (File.Exists(certificateFile) && File.Exists(keyFile)) return new ClusterCa(directory, Read(certificateFile, keyFile), leafLifetime);
        if (File.Exists(certificateFile))
            throw new CryptographicException($"{certificateFile} is there, but its key {keyFile} is not: restore it, or move the certificate away to begin with a new authority");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = SelfSigned(key);
        OwnerOnlyFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem());
        OwnerOnlyFile.Write(certificateFile, certificate.ExportCertificatePem()); // last: with it the authority is complete
        return new ClusterCa(directory, certificate, leafLifetime);
    }

    /// <summary>
    /// Another ten years for the same key, in <c>ca.crt</c>: what it signed before stays good, and the hash by which machines
    /// join stays the same. Whoever has the old certificate trusts the cluster until that one ends.
    /// </summary>
    /// <returns>When it ends.</returns>
    public DateTime RenewAuthority()
    {
        using var held = OwnerOnlyFile.Lock(Path.Combine(directory, ".lock"));
        using var key = Certificate.GetECDsaPrivateKey()!;
        using var renewed = SelfSigned(key);
        OwnerOnlyFile.Write(Path.Combine(directory, "ca.crt"), renewed.ExportCertificatePem());
        return renewed.NotAfter.ToUniversalTime();
    }

    /// <summary>When a certificate is to be replaced: when a sixth of its life is left (two months of a year).</summary>
    public static DateTime Due(X509Certificate2 certificate)
    {
        var (begin, end) = (certificate.NotBefore.ToUniversalTime() + Backdated, certificate.NotAfter.ToUniversalTime());
        return end - (end - begin) / 6;
    }

    /// <summary>Whether it is time for another, also because it is not valid now. Not where the authority ends with it: another would end at the same time.</summary>
    public bool IsDue(X509Certificate2 certificate)
    {
        var (begin, end, now) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), DateTime.UtcNow);
        return now < begin || now > end || (now > Due(certificate) && end < Certificate.NotAfter.ToUniversalTime() - TimeSpan.FromSeconds(1));
    }

    /// <summary>Whether this authority signed it, also if it has ended since.</summary>
    public bool HasSigned(X509Certificate2 certificate)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { Certificate }, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true,
                VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid,
            },
        };
        return chain.Build(certificate);
    }

    /// <summary>A new identity. <paramref name="user"/> becomes the user's name, <paramref name="groups"/> the groups.</summary>
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

    private static X509Certificate2 SelfSigned(ECDsa key)
    {
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow - Backdated, DateTimeOffset.UtcNow + AuthorityLifetime);
    }

    private (string Certificate, string Key) Sign(string commonName, string[] organizations, string[] usages, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        foreach (var organization in organizations) subject.AddOrganizationName(organization);
        subject.AddCommonName(commonName);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        return (Issue(request, X509KeyUsageFlags.DigitalSignature, usages, names, leafLifetime), key.ExportPkcs8PrivateKeyPem());
    }

    private string Issue(CertificateRequest request, X509KeyUsageFlags flags, IReadOnlyList<string> purposes, X509Extension? names, TimeSpan lifetime)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        // With no bit set it would be no valid certificate (RFC 5280, 4.2.1.3).
        if (flags != X509KeyUsageFlags.None) request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(purpose => new Oid(purpose))], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        if (names is not null) request.CertificateExtensions.Add(names);
        RefuseIfEnded();
        var end = DateTimeOffset.UtcNow + lifetime;
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F; // an INTEGER in DER is signed
        using var signer = Certificate.GetECDsaPrivateKey()!;
        using var signed = request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), // the key asked for may be of another algorithm
            DateTimeOffset.UtcNow - Backdated, end < Certificate.NotAfter ? end : Certificate.NotAfter, serial);
        return signed.ExportCertificatePem();
    }

    /// <exception cref="CryptographicException">In words: what signed by it would be refused by everybody.</exception>
    private void RefuseIfEnded()
    {
        if (Certificate.NotAfter.ToUniversalTime() is var ended && ended < DateTime.UtcNow)
            throw new CryptographicException($"the cluster's authority {Path.Combine(directory, "ca.crt")} ended on {ended:yyyy-MM-dd HH:mm:ss} UTC, and with it every certificate of the cluster (this machine's clock says {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC: is it right?). "
                + "'controlplane certs renew ca' gives it another ten years; then restart the control plane, run 'controlplane certs renew admin.conf', and join the nodes again ('nodeagent join')");
    }

    private static X509Certificate2 Read(string certificateFile, string keyFile)
    {
        try { return X509Certificate2.CreateFromPemFile(certificateFile, keyFile); }
        catch (CryptographicException e) { throw new CryptographicException($"{certificateFile} or {keyFile} is damaged: {e.Message}", e); }
    }
}
