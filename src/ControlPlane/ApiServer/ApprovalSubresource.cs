using ControlPlane.Registry;
using ControlPlane.Registry.Certificates;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>GET, PUT and PATCH of <c>certificatesigningrequests/NAME/approval</c>: says yes or no to a request, and changes nothing else of it.</summary>
internal sealed class ApprovalSubresource(ObjectStore store, ObjectWriter writer)
{
    /// <exception cref="StatusException">404, 405, 415, or the change is refused.</exception>
    public async Task Handle(ApiRequest request)
    {
        switch (request.Verb)
        {
            case "get":
                await Get.Handle(request, store);
                return;
            case "update":
                var body = await RequestBody.ReadObject<CertificateSigningRequest>(request, typeof(CertificateSigningRequest));
                if (body.Name != request.Name)
                    throw StatusException.BadRequest($"the name of the object ({body.Name}) does not match the name on the URL ({request.Name})");
                await Write(request, body.Metadata.ResourceVersion, _ => body);
                return;
            case "patch":
                var patch = await Patch.Read(request);
                await Write(request, patch.Revision, current => (CertificateSigningRequest)patch.Apply(current));
                return;
            default:
                throw StatusException.MethodNotAllowed();
        }
    }

    private async Task Write(ApiRequest request, string? revision, Func<CertificateSigningRequest, CertificateSigningRequest> change) => await ObjectAnswer.One(request, await writer.Update(
        request, request.Key, WritePart.SubresourceStatus, revision, current => With((CertificateSigningRequest)current, change((CertificateSigningRequest)current))));

    /// <exception cref="StatusException">422.</exception>
    private static CertificateSigningRequest With(CertificateSigningRequest current, CertificateSigningRequest wanted)
    {
        var changed = wanted with { Status = (current.Status ?? new CertificateSigningRequestStatus()) with { Conditions = wanted.Status?.Conditions } };
        var errors = new FieldErrors();
        SigningRequestValidation.ApprovalChange(current, changed, errors);
        return errors.Any ? throw StatusException.Invalid(Resource.Of<CertificateSigningRequest>(), current.Name, errors.Causes) : changed;
    }
}
