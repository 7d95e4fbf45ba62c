using System.Buffers.Text;

namespace ControlPlane.Authentication;

/// <summary>
/// By which others check service accounts' tokens themselves: <c>/.well-known/openid-configuration</c> and the public
/// keys as a JSON Web Key Set (OpenID Connect Discovery 1.0, RFC 7517).
/// </summary>
internal sealed class OpenIdDiscovery(ServiceAccountKeys keys)
{
    private const string ConfigurationPath = "/.well-known/openid-configuration", KeysPath = "/openid/v1/jwks";

    public static IReadOnlyList<string> Paths => [ConfigurationPath, KeysPath];

    /// <summary>The document at a path; null where there is none.</summary>
    public (object Body, string ContentType)? Find(string path) => path.TrimEnd('/') switch
    {
        ConfigurationPath => (Configuration, "application/json"),
        KeysPath => (KeySet(), "application/jwk-set+json"),
        _ => null,
    };

    private static object Configuration { get; } = new
    {
        issuer = ServiceAccountTokens.Issuer, jwks_uri = ServiceAccountTokens.Issuer + KeysPath,
        response_types_supported = new[] { "id_token" }, subject_types_supported = new[] { "public" }, id_token_signing_alg_values_supported = new[] { "ES256" },
    };

    private object KeySet() => new
    {
        keys = keys.PublicKeys.Select(key => new
        {
            use = "sig", kty = "EC", kid = key.Id, crv = "P-256", alg = "ES256",
            x = Base64Url.EncodeToString(key.Public.Q.X), y = Base64Url.EncodeToString(key.Public.Q.Y),
        }).ToList(),
    };
}
