using System.Text;
using ControlPlane.Certificates;
using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Certificates;

/// <summary>Issues the certificates that were approved, for the signers of <see cref="Signers"/> (Kubernetes' csrsigning).</summary>
internal sealed class CertificateSigner(ApiClient client, SharedInformers informers, ClusterCa authority, ControllerOptions options, Action<string> log) : Controller("csrsigning", log)
{
    public override void Watch() => informers.Of<CertificateSigningRequest>().Changed += (_, updated) =>
    {
        if (updated is not null && IsDue(updated)) Queue.Add(updated.Key);
    };

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Of<CertificateSigningRequest>().Get(key) is not { } request || !IsDue(request)) return;
        try { await client.UpdateStatus(request with { Status = Signed(request) }, cancel); }
        catch (ApiException e) when (e.IsConflict) { } // it changed, and comes again with the change
        catch (ApiException e) when (e.IsNotFound) { }
    }

    private static bool IsDue(CertificateSigningRequest request) =>
        request.Has("Approved") && !request.Has("Denied") && !request.Has("Failed") && request.Status?.Certificate is not { Length: > 0 } && Signers.Served.Contains(request.Spec.SignerName);

    private CertificateSigningRequestStatus Signed(CertificateSigningRequest request)
    {
        var asked = SigningRequest.Parse(request.Spec.Request); // was checked when it was created
        var usages = request.Spec.Usages ?? [];
        if (Signers.Refusal(request.Spec.SignerName, asked, usages) is { } refusal)
            return request.Status! with
            {
                Conditions = [.. request.Status.Conditions ?? [], new CertificateSigningRequestCondition { Type = "Failed", Status = "True", Reason = "SignerValidationFailure", Message = refusal }],
            };
        var wanted = request.Spec.ExpirationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.CertificateLifetime;
        return request.Status! with { Certificate = Encoding.ASCII.GetBytes(authority.Sign(asked, usages, wanted < options.CertificateLifetime ? wanted : options.CertificateLifetime) + "\n") };
    }
}
