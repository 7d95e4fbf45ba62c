using ControlPlane.ApiServer;
using ControlPlane.Authorization;
using ControlPlane.Certificates;
using ControlPlane.Registry;
using KubeApi.Objects;

namespace ControlPlane.Admission;

/// <summary>
/// Who may ask for a certificate, approve it and sign it (admission plugins CertificateSubjectRestriction,
/// CertificateApproval and CertificateSigning; the verbs approve and sign on the resource signers).
/// </summary>
internal sealed class CertificateAdmission(Authorizer authorizer)
{
    /// <summary>The request with who asks for it, as the server knows them.</summary>
    /// <exception cref="StatusException">403.</exception>
    public static CertificateSigningRequest Create(ApiRequest request, CertificateSigningRequest created)
    {
        if (created.Spec.SignerName == Signers.ApiServerClient && Parsed(created) is { } asked && asked.Organizations.Contains(Authentication.User.Masters))
            throw StatusException.Forbidden(request.Resource, created.Name, "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed");
        var user = request.User;
        return created with
        {
            Spec = created.Spec with
            {
                Username = user.Name, Groups = user.Groups, Uid = user.Uid.Length > 0 ? user.Uid : null, Extra = user.Extra.Count > 0 ? user.Extra : null,
            },
        };
    }

    /// <summary>Null, or why the write to a part of the request is refused.</summary>
    public string? Update(ApiRequest request, CertificateSigningRequest old, CertificateSigningRequest updated) => request.Target.Subresource switch
    {
        CertificateSigningRequestRegistry.Approval when !May(request, "approve", old.Spec.SignerName) => $"user not permitted to approve requests with signerName \"{old.Spec.SignerName}\"",
        Subresource.StatusName when !SameStatus(old, updated) && !May(request, "sign", old.Spec.SignerName) => $"user not permitted to sign requests with signerName \"{old.Spec.SignerName}\"",
        _ => null,
    };

    /// <summary>Null where it cannot be read; validation says so.</summary>
    public static SigningRequest? Parsed(CertificateSigningRequest request)
    {
        try { return SigningRequest.Parse(request.Spec.Request); }
        catch (FormatException) { return null; }
    }

    /// <summary>For the one signer, or for all of its domain.</summary>
    private bool May(ApiRequest request, string verb, string signer) => new[] { signer, signer.Split('/')[0] + "/*" }.Any(name => authorizer.Authorize(
        new AccessRequest(request.User, verb) { Group = "certificates.k8s.io", Version = "*", Resource = "signers", Name = name }).Allowed);

    private static bool SameStatus(CertificateSigningRequest old, CertificateSigningRequest updated) =>
        (old.Status?.Certificate ?? []).AsSpan().SequenceEqual(updated.Status?.Certificate ?? []) && (old.Status?.Conditions ?? []).SequenceEqual(updated.Status?.Conditions ?? []);
}
