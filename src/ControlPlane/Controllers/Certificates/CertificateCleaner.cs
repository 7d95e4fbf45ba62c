using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Certificates;

/// <summary>Deletes requests that are of no use any more (Kubernetes' csrcleaner): decided ones after an hour, others after a day, and those whose certificate has ended.</summary>
internal sealed class CertificateCleaner(ApiClient client, SharedInformers informers, Action<string> log) : Controller("csrcleaner", log)
{
    private static readonly TimeSpan Decided = TimeSpan.FromHours(1), Pending = TimeSpan.FromHours(24), LongestWait = TimeSpan.FromHours(1);

    public override void Watch() => informers.Of<CertificateSigningRequest>().Changed += (_, updated) =>
    {
        if (updated is not null) Queue.Add(updated.Key);
    };

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Of<CertificateSigningRequest>().Get(key) is not { } request) return;
        var left = End(request) - DateTime.UtcNow;
        if (left > TimeSpan.Zero) Queue.AddAfter(key, left < LongestWait ? left : LongestWait);
        else
            try { await client.Delete<CertificateSigningRequest>("", request.Name, cancel, new DeleteOptions { Preconditions = new Preconditions { Uid = request.Metadata.Uid } }); }
            catch (ApiException e) when (e.IsConflict) { } // another one of the same name: it is looked at by itself
    }

    /// <summary>When the request is to go.</summary>
    internal static DateTime End(CertificateSigningRequest request)
    {
        var decided = request.Status?.Conditions?.Where(condition => condition.Type is "Approved" or "Denied" or "Failed").Max(condition => condition.LastUpdateTime);
        // An approved one without a certificate waits for a signer that is not ours.
        var waits = request.Has("Approved") && !request.Has("Failed") && request.Status?.Certificate is not { Length: > 0 };
        var end = decided is { } time && !waits ? time + Decided : (request.Metadata.CreationTimestamp ?? DateTime.UtcNow) + Pending;
        return Expiry(request) is { } expiry && expiry < end ? expiry : end;
    }

    private static DateTime? Expiry(CertificateSigningRequest request)
    {
        if (request.Status?.Certificate is not { Length: > 0 } pem) return null;
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
            return certificate.NotAfter.ToUniversalTime();
        }
        catch (CryptographicException) { return null; } // of a signer of somebody's own
    }
}
