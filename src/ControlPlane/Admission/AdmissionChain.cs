using ControlPlane.ApiServer;
using ControlPlane.Audit;
using ControlPlane.Authorization;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Admission;

/// <summary>
/// What is asked of a write once its object is known (Kubernetes' admission, built in): may this node write that, does
/// nobody gain rights by it, does the pod's service account exist.
/// </summary>
internal sealed class AdmissionChain(ObjectStore store, Authorizer authorizer, DefaultTolerations tolerations)
{
    private readonly Escalation escalation = new(authorizer);
    private readonly ServiceAccountAdmission accounts = new(store);
    private readonly CertificateAdmission certificates = new(authorizer);

    /// <returns>The object as it is to be stored.</returns>
    /// <exception cref="StatusException">403, or 404 for a role that a binding names.</exception>
    public async Task<KubeObject> Create(ApiRequest request, KubeObject obj)
    {
        AuditedRequest.Of(request.Http).CreatedName = obj.Name;
        // An update or apply that turns out to create needs the right to create.
        if (request.Verb is "update" or "patch") Authorize(request, obj.Name);
        if (Node(request) is { } node) Refuse(request, obj.Name, NodeRestriction.Create(node, obj));
        CheckEscalation(request, null, obj);
        return obj switch
        {
            Pod pod => await accounts.Admit(request, tolerations.AddTo(pod)),
            CertificateSigningRequest asked => CertificateAdmission.Create(request, asked),
            _ => obj,
        };
    }

    /// <returns>The object as it is to be stored.</returns>
    /// <exception cref="StatusException">403, or 404 for a role that a binding names.</exception>
    public KubeObject Update(ApiRequest request, KubeObject old, KubeObject updated)
    {
        if (Node(request) is { } node) Refuse(request, old.Name, NodeRestriction.Update(node, request.Target.Subresource, old, updated));
        CheckEscalation(request, old, updated);
        if (updated is CertificateSigningRequest certificate) Refuse(request, old.Name, certificates.Update(request, (CertificateSigningRequest)old, certificate));
        return updated is Pod pod && string.IsNullOrEmpty(request.Target.Subresource) ? tolerations.AddTo(pod, (Pod)old) : updated;
    }

    /// <exception cref="StatusException">403.</exception>
    public void Delete(ApiRequest request, KubeObject obj)
    {
        if (Node(request) is { } node) Refuse(request, obj.Name, NodeRestriction.Delete(node, request.Target.Subresource, obj));
    }

    /// <summary>The node that asks; an administrator who is also in the group of nodes is none.</summary>
    private static string? Node(ApiRequest request) => request.User.Groups.Contains(Authentication.User.Masters) ? null : request.User.Node;

    private void Authorize(ApiRequest request, string name)
    {
        var access = request.Access with { Verb = "create", Name = name };
        if (authorizer.Authorize(access) is { Allowed: false } decision) throw StatusException.Refused(access, decision);
    }

    private void CheckEscalation(ApiRequest request, KubeObject? old, KubeObject obj)
    {
        var why = escalation.Check(request.User, old, obj, out var missing);
        if (missing is not null) throw StatusException.NotFound(missing.Kind == "Role" ? Resource.Of<Role>() : Resource.Of<ClusterRole>(), missing.Name);
        Refuse(request, obj.Name, why);
    }

    private static void Refuse(ApiRequest request, string name, string? why)
    {
        if (why is not null) throw StatusException.Forbidden(request.Resource, name, why);
    }
}
