using ControlPlane.Registry;
using ControlPlane.Registry.Certificates;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary><c>certificatesigningrequests/NAME/approval</c>: says yes or no to a request, and changes nothing else of it.</summary>
internal static class ApprovalSubresource
{
    /// <exception cref="StatusException">422.</exception>
    public static CertificateSigningRequest With(CertificateSigningRequest current, CertificateSigningRequest wanted)
    {
        var changed = wanted with { Status = (current.Status ?? new CertificateSigningRequestStatus()) with { Conditions = wanted.Status?.Conditions } };
        var errors = new FieldErrors();
        SigningRequestValidation.ApprovalChange(current, changed, errors);
        return errors.Any ? throw StatusException.Invalid(Resource.Of<CertificateSigningRequest>(), current.Name, errors.Causes) : changed;
    }
}
