using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Authentication;

/// <summary>Client certificates that the cluster's CA signed: the subject's CN is the user's name, each O a group.</summary>
internal sealed class ClientCertificates(X509Certificate2 authority)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2", CommonName = "2.5.4.3", Organization = "2.5.4.10";

    /// <summary>Connections carry many requests; the certificate is checked for the first of them.</summary>
    private readonly ConditionalWeakTable<X509Certificate2, User> known = [];

    /// <summary>Null for a certificate of another CA, that is expired, not for clients, or without a name.</summary>
    public User? Identify(X509Certificate2 certificate)
    {
        if (known.TryGetValue(certificate, out var user)) return certificate.NotAfter > DateTime.Now ? user : null;
        user = Verify(certificate);
        if (user is not null) known.AddOrUpdate(certificate, user);
        return user;
    }

    private User? Verify(X509Certificate2 certificate)
    {
        using var chain = new X509Chain { ChainPolicy = Policy() };
        if (!chain.Build(certificate)) return null;
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(name => !name.HasMultipleElements).Select(name => (Oid: name.GetSingleElementType().Value, Value: name.GetSingleElementValue() ?? "")).ToList();
        var user = names.LastOrDefault(name => name.Oid == CommonName).Value;
        return string.IsNullOrEmpty(user) ? null
            : new User(user, [.. names.Where(name => name.Oid == Organization).Select(name => name.Value), User.Authenticated]);
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(authority);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }
}
