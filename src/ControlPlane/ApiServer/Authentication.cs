using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>Tells who is asking: client certificates that the cluster's CA signed; without one the user is anonymous.</summary>
internal sealed class Authentication(X509Certificate2 authority)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2", CommonName = "2.5.4.3", Organization = "2.5.4.10";

    /// <summary>Connections carry many requests; the certificate is checked for the first of them.</summary>
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<X509Certificate2, User> known = [];

    /// <exception cref="StatusException">401: the certificate is of another CA, expired, or not for clients; or a token, which nobody issued.</exception>
    public User Identify(HttpContext http)
    {
        if (http.Connection.ClientCertificate is { } certificate) return known.TryGetValue(certificate, out var user) ? user : known.GetValue(certificate, Verify);
        return http.Request.Headers.Authorization.Count > 0 ? throw StatusException.Unauthorized() : User.Anonymous;
    }

    private User Verify(X509Certificate2 certificate)
    {
        using var chain = new X509Chain { ChainPolicy = Policy() };
        if (!chain.Build(certificate)) throw StatusException.Unauthorized();
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(name => !name.HasMultipleElements).Select(name => (Oid: name.GetSingleElementType().Value, Value: name.GetSingleElementValue() ?? "")).ToList();
        var user = names.LastOrDefault(name => name.Oid == CommonName).Value;
        if (string.IsNullOrEmpty(user)) throw StatusException.Unauthorized();
        return new User(user, [.. names.Where(name => name.Oid == Organization).Select(name => name.Value), "system:authenticated"]);
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(authority);
        policy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        return policy;
    }
}
