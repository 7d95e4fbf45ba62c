using ControlPlane.Authentication;
using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>POST of a TokenRequest to <c>serviceaccounts/NAME/token</c>: a token of that account, perhaps bound to an object.</summary>
internal sealed class TokenSubresource(ObjectStore store, ServiceAccountTokens tokens)
{
    private const long DefaultSeconds = 3600, FewestSeconds = 600, MostSeconds = 1L << 32;

    /// <exception cref="StatusException">The account or the bound object is not there, or the request is refused.</exception>
    public async Task Handle(ApiRequest request)
    {
        var asked = await RequestBody.ReadObject<TokenRequest>(request, typeof(TokenRequest));
        if (asked.Name.Length > 0 && asked.Name != request.Name)
            throw StatusException.BadRequest($"the name of the object ({asked.Name}) does not match the name on the URL ({request.Name})");
        if (asked.Namespace.Length > 0 && asked.Namespace != request.Namespace)
            throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        var account = store.Snapshot.Get(request.Key)?.Object as ServiceAccount ?? throw StatusException.NotFound(request.Resource, request.Name);
        var spec = (asked.Spec ?? new TokenRequestSpec()) with
        {
            Audiences = asked.Spec?.Audiences is { Count: > 0 } audiences ? audiences : TokenAuthenticator.ApiAudiences,
            ExpirationSeconds = asked.Spec?.ExpirationSeconds ?? DefaultSeconds,
        };
        Validate(spec, asked);
        var (pod, secret, node) = Bound(request, account, spec.BoundObjectRef);
        RestrictNode(request, account, spec.BoundObjectRef, pod);
        var now = DateTime.UtcNow;
        var lifetime = TimeSpan.FromSeconds(spec.ExpirationSeconds.Value);
        await Answer.Json(request.Http, 201, asked with
        {
            Metadata = new ObjectMeta { Name = account.Name, Namespace = account.Namespace, CreationTimestamp = now }, Spec = spec,
            Status = new TokenRequestStatus
            {
                Token = request.DryRun ? "" : tokens.Issue(account, spec.Audiences, lifetime, now, pod, secret, node), ExpirationTimestamp = now + lifetime,
            },
        });
    }

    private static void Validate(TokenRequestSpec spec, TokenRequest asked)
    {
        var errors = new FieldErrors();
        if (spec.ExpirationSeconds < FewestSeconds) errors.Invalid("spec.expirationSeconds", spec.ExpirationSeconds, "may not specify a duration less than 10 minutes");
        if (spec.ExpirationSeconds > MostSeconds) errors.Invalid("spec.expirationSeconds", spec.ExpirationSeconds, "may not specify a duration larger than 2^32 seconds");
        if (errors.Any) throw StatusException.Invalid("authentication.k8s.io", "TokenRequest", asked.Name, errors.Causes);
    }

    private (Pod? Pod, Secret? Secret, Node? Node) Bound(ApiRequest request, ServiceAccount account, BoundObjectReference? reference)
    {
        switch (reference)
        {
            case null:
                return (null, null, null);
            case { ApiVersion: "v1", Kind: "Pod" }:
                var pod = Find<Pod>(request.Namespace, reference);
                if (pod.Spec?.ServiceAccountName != account.Name)
                    throw StatusException.BadRequest($"cannot bind token for serviceaccount \"{account.Name}\" to pod running with different serviceaccount name.");
                return (pod, null, pod.Spec.NodeName is { Length: > 0 } on ? store.Snapshot.Get(new StoreKey("nodes", "", on))?.Object as Node : null);
            case { ApiVersion: "v1", Kind: "Secret" }:
                return (null, Find<Secret>(request.Namespace, reference), null);
            case { ApiVersion: "v1", Kind: "Node" }:
                return (null, null, Find<Node>("", reference));
            default:
                throw StatusException.BadRequest($"cannot bind token to object of type {reference.ApiVersion}, Kind={reference.Kind}");
        }
    }

    private T Find<T>(string ns, BoundObjectReference reference) where T : KubeObject
    {
        var resource = Resource.Of<T>();
        var found = store.Snapshot.Get(new StoreKey(resource.QualifiedName, ns, reference.Name ?? ""))?.Object as T ?? throw StatusException.NotFound(resource, reference.Name ?? "");
        if (!string.IsNullOrEmpty(reference.Uid) && reference.Uid != found.Metadata.Uid)
            throw StatusException.Conflict(resource, found.Name, $"the UID in the bound object reference ({reference.Uid}) does not match the UID in record. The object might have been deleted and then recreated");
        return found;
    }

    /// <summary>A node gets tokens for its own pods only, and such as end with them (NodeRestriction).</summary>
    private static void RestrictNode(ApiRequest request, ServiceAccount account, BoundObjectReference? reference, Pod? pod)
    {
        if (request.User.Node is not { } node || request.User.Groups.Contains(User.Masters)) return;
        var why = pod is null ? "node requested token not bound to a pod"
            : string.IsNullOrEmpty(reference!.Uid) ? "node requested token with a pod binding without a uid"
            : pod.Spec?.NodeName != node ? "node requested token bound to a pod scheduled on a different node" : null;
        if (why is not null) throw StatusException.Forbidden(request.Resource, account.Name, why);
    }
}
