namespace ControlPlane.Authentication;

/// <summary>Whose a token is, and for which of the audiences that were asked about it is meant.</summary>
internal sealed record TokenIdentity(User User, IReadOnlyList<string> Audiences);

/// <summary>Bearer tokens of every sort: service accounts' and bootstrap tokens.</summary>
internal sealed class TokenAuthenticator(ServiceAccountTokens serviceAccounts, BootstrapTokens bootstrap)
{
    /// <summary>Who this server is to those who ask for a token: the issuer (kube-apiserver --api-audiences).</summary>
    public static IReadOnlyList<string> ApiAudiences { get; } = [ServiceAccountTokens.Issuer];

    /// <summary>Null for a token that nobody issued, or that does not hold any more.</summary>
    /// <param name="audiences">Those that the asker is; the token must be meant for one of them.</param>
    public TokenIdentity? Authenticate(string token, IReadOnlyList<string> audiences)
    {
        if (serviceAccounts.Authenticate(token, audiences, DateTime.UtcNow) is { } account) return account;
        // A bootstrap token is for this server only.
        if (!audiences.Intersect(ApiAudiences).Any()) return null;
        return bootstrap.Authenticate(token, DateTime.UtcNow) is { } user ? new TokenIdentity(user, audiences.Intersect(ApiAudiences).ToList()) : null;
    }
}
