using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.Authentication;

/// <summary>
/// Join tokens <c>ID.SECRET</c>, kept as Secrets <c>kube-system/bootstrap-token-ID</c> of type
/// <c>bootstrap.kubernetes.io/token</c> (cluster-bootstrap token API).
/// </summary>
internal sealed partial class BootstrapTokens(ObjectStore store)
{
    public const string SecretType = "bootstrap.kubernetes.io/token", Namespace = "kube-system", NamePrefix = "bootstrap-token-", Group = "system:bootstrappers";

    /// <summary>Those who join as nodes; kubeadm's name.</summary>
    public const string NodeGroup = Group + ":kubeadm:default-node-token";

    /// <summary>Null for a token that is none of these, is unknown, expired, or not meant for authentication.</summary>
    public User? Authenticate(string token, DateTime now)
    {
        if (!Syntax().IsMatch(token)) return null;
        var (id, secret) = (token[..6], token[7..]);
        if (store.Snapshot.Get(new StoreKey("secrets", Namespace, NamePrefix + id))?.Object is not Secret { Type: SecretType, Metadata.DeletionTimestamp: null } stored) return null;
        var same = CryptographicOperations.FixedTimeEquals(Bytes(stored, "token-secret"), Encoding.ASCII.GetBytes(secret));
        if (!same || Text(stored, "token-id") != id || IsExpired(stored, now) || Text(stored, "usage-bootstrap-authentication") != "true") return null;
        var extra = Text(stored, "auth-extra-groups").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Order(StringComparer.Ordinal).ToList();
        return extra.All(group => ExtraGroup().IsMatch(group)) ? new User("system:bootstrap:" + id, [Group, .. extra, User.Authenticated]) : null;
    }

    /// <summary>A time that cannot be read counts as past.</summary>
    public static bool IsExpired(Secret secret, DateTime now) => ExpirationOf(secret) is { } end && end <= now;

    /// <summary>Null for a token that never expires.</summary>
    public static DateTime? ExpirationOf(Secret secret)
    {
        if (Text(secret, "expiration") is not { Length: > 0 } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) ? end.UtcDateTime : DateTime.MinValue;
    }

    private static byte[] Bytes(Secret secret, string key) => secret.Data?.GetValueOrDefault(key) ?? [];

    private static string Text(Secret secret, string key) => Encoding.UTF8.GetString(Bytes(secret, key));

    [GeneratedRegex(@"\A[a-z0-9]{6}\.[a-z0-9]{16}\z")] private static partial Regex Syntax();
    [GeneratedRegex(@"\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z")] private static partial Regex ExtraGroup();
}
