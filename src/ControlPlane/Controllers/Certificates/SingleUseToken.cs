using ControlPlane.Authentication;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Certificates;

/// <summary>Tokens by which one machine can join: the first request that is approved by one is written on its Secret, and no other is approved.</summary>
internal sealed class SingleUseToken(ApiClient client, Informer<Secret> secrets)
{
    /// <summary>"true" on the Secret of such a token.</summary>
    public const string Annotation = "nodeagent/single-use";

    /// <summary>Uid of the request that it was used for, and its node.</summary>
    private const string UsedBy = "nodeagent/used-by";

    private const string UserPrefix = "system:bootstrap:";

    /// <summary>Null where the request may be approved; otherwise why not. The store decides between two that come at once.</summary>
    /// <exception cref="ApiException">Conflict: the Secret has changed meanwhile; to be tried again.</exception>
    public async Task<string?> Claim(CertificateSigningRequest request, string node, CancellationToken cancel)
    {
        if (request.Spec.Username?.StartsWith(UserPrefix, StringComparison.Ordinal) != true) return null;
        if (secrets.Get($"{BootstrapTokens.Namespace}/{BootstrapTokens.NamePrefix}{request.Spec.Username[UserPrefix.Length..]}") is not { } secret) return null;
        var annotations = secret.Metadata.Annotations ?? new Dictionary<string, string>();
        if (annotations.GetValueOrDefault(Annotation) != "true") return null;
        if (annotations.GetValueOrDefault(UsedBy)?.Split(' ', 2) is [var uid, var name]) return uid == request.Metadata.Uid ? null : $"the token was for one machine and was used for node \"{name}\"";
        await client.Update(secret with { Metadata = secret.Metadata with { Annotations = new Dictionary<string, string>(annotations) { [UsedBy] = $"{request.Metadata.Uid} {node}" } } }, cancel);
        return null;
    }
}
