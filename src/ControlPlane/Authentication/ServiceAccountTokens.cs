using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.Authentication;

/// <summary>
/// Tokens of service accounts: issues them, and tells whether one still holds. A token ends at its time, with its
/// service account, and with the Pod, Secret or Node that it is bound to: each of them must be there with the same uid.
/// </summary>
internal sealed class ServiceAccountTokens(ObjectStore store, JsonWebToken jwt)
{
    /// <summary>Kubernetes' usual issuer; also the audience of tokens that are meant for this server.</summary>
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    /// <summary>How long a token holds after its object's deletion time, and how far clocks may differ (go-jose's leeway).</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    /// <param name="pod">With <paramref name="node"/>: where the pod runs, if that is known.</param>
    public string Issue(ServiceAccount account, IReadOnlyList<string> audiences, TimeSpan lifetime, DateTime now, Pod? pod = null, Secret? secret = null, Node? node = null)
    {
        var issued = Seconds(now);
        return jwt.Sign(new TokenClaims
        {
            Aud = audiences, Iss = Issuer, Sub = User.ServiceAccountName(account.Namespace, account.Name), Jti = Guid.NewGuid().ToString(),
            Iat = issued, Nbf = issued, Exp = issued + (long)lifetime.TotalSeconds,
            Kubernetes = new BoundClaims { Namespace = account.Namespace, Serviceaccount = Claim(account), Pod = Claim(pod), Secret = Claim(secret), Node = Claim(node) },
        });
    }

    /// <summary>Null for a token that is not of this server, does not hold (any more), or is meant for others.</summary>
    public TokenIdentity? Authenticate(string token, IReadOnlyList<string> audiences, DateTime now)
    {
        if (jwt.Read(token) is not { Iss: Issuer, Kubernetes: { Serviceaccount: { } account } bound } claims) return null;
        if (claims.Exp <= Seconds(now) || claims.Nbf > Seconds(now + Leeway)) return null;
        if (claims.Sub != User.ServiceAccountName(bound.Namespace, account.Name)) return null;
        var meant = audiences.Intersect(claims.Aud).ToList();
        if (meant.Count == 0 || !AllPresent(bound, account, now)) return null;
        return new TokenIdentity(User.ServiceAccount(bound.Namespace, account.Name, account.Uid) with { Extra = Extra(claims, bound) }, meant);
    }

    private bool AllPresent(BoundClaims bound, ObjectClaim account, DateTime now) =>
        IsPresent("serviceaccounts", bound.Namespace, account, now)
        && (bound.Pod is null || IsPresent("pods", bound.Namespace, bound.Pod, now))
        && (bound.Secret is null || IsPresent("secrets", bound.Namespace, bound.Secret, now))
        // A pod's token names the node for information only: it goes with the pod.
        && (bound.Node is null || bound.Pod is not null || IsPresent("nodes", "", bound.Node, now));

    private bool IsPresent(string resource, string ns, ObjectClaim claim, DateTime now) =>
        store.Snapshot.Get(new StoreKey(resource, ns, claim.Name))?.Object.Metadata is { } meta && meta.Uid == claim.Uid
        && (meta.DeletionTimestamp is null || meta.DeletionTimestamp > now - Leeway);

    private static Dictionary<string, IReadOnlyList<string>> Extra(TokenClaims claims, BoundClaims bound)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>> { ["authentication.kubernetes.io/credential-id"] = [$"JTI={claims.Jti}"] };
        Add("node", bound.Node);
        Add("pod", bound.Pod);
        return extra;

        void Add(string kind, ObjectClaim? claim)
        {
            if (claim is null) return;
            extra[$"authentication.kubernetes.io/{kind}-name"] = [claim.Name];
            extra[$"authentication.kubernetes.io/{kind}-uid"] = [claim.Uid];
        }
    }

    private static ObjectClaim? Claim(KubeObject? obj) => obj is null ? null : new ObjectClaim(obj.Name, obj.Metadata.Uid ?? "");

    private static long Seconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeSeconds();
}
