using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KubeApi;

namespace ControlPlane.Authentication;

/// <summary>Makes and reads compact JSON Web Tokens (RFC 7519, RFC 7515) signed with ES256.</summary>
internal sealed class JsonWebToken(ServiceAccountKeys keys)
{
    private const int MaxLength = 16 * 1024, MaxKnown = 4096;

    /// <summary>By hash of the token: those whose signature was found good. Checking one costs more than all the rest of a request.</summary>
    private readonly ConcurrentDictionary<string, TokenClaims> verified = new();

    private sealed record Header(string? Alg, string? Kid);

    public string Sign(TokenClaims claims)
    {
        var signed = $"{Encode(KubeJson.Serialize(new Header("ES256", keys.CurrentId)))}.{Encode(KubeJson.Serialize(claims))}";
        return $"{signed}.{Encode(keys.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>The claims of a token with a good signature, whatever they say; null for anything else.</summary>
    public TokenClaims? Read(string token)
    {
        if (token.Length > MaxLength || token.Count(c => c == '.') != 2) return null;
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (verified.TryGetValue(hash, out var known)) return known;
        if (Verify(token) is not { } claims) return null;
        if (verified.Count >= MaxKnown) verified.Clear();
        return verified[hash] = claims;
    }

    private TokenClaims? Verify(string token)
    {
        var parts = token.Split('.');
        try
        {
            var header = KubeJson.Deserialize<Header>(Decode(parts[0]));
            // Only the one algorithm, whatever the token says about itself ("none", or one with a shared secret).
            if (header is not { Alg: "ES256", Kid: { } kid } || !keys.Verify(kid, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]))) return null;
            return KubeJson.Deserialize<TokenClaims>(Decode(parts[1]));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] Decode(string text) => Base64Url.DecodeFromChars(text);
}
