using ControlPlane.ApiServer;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Authentication;

/// <summary>
/// Tells who is asking: by client certificate, else by bearer token. Without either the user is anonymous; what is shown
/// and does not hold is an error, so that nobody is taken for anonymous by mistake.
/// </summary>
internal sealed class RequestAuthenticator(ClientCertificates certificates, TokenAuthenticator tokens)
{
    private const string Bearer = "Bearer ";

    /// <exception cref="StatusException">401.</exception>
    public User Identify(HttpContext http)
    {
        var certificate = http.Connection.ClientCertificate;
        if (certificate is not null && certificates.Identify(certificate) is { } user) return user;
        if (TokenOf(http.Request) is { } token)
            return tokens.Authenticate(token, TokenAuthenticator.ApiAudiences)?.User ?? throw StatusException.Unauthorized();
        return certificate is null ? User.Anonymous : throw StatusException.Unauthorized();
    }

    private static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && header[Bearer.Length..].Trim() is { Length: > 0 } token ? token : null;
    }
}
