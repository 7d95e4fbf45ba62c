using ControlPlane.Registry;
using ControlPlane.Registry.Pods;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>GET, PUT and PATCH of <c>pods/NAME/ephemeralcontainers</c>: adds containers for debugging to a pod, and changes nothing else of it (KEP-277).</summary>
internal sealed class EphemeralContainersSubresource(ObjectStore store, ObjectWriter writer)
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
                var body = await RequestBody.ReadObject<Pod>(request, typeof(Pod));
                if (body.Name != request.Name)
                    throw StatusException.BadRequest($"the name of the object ({body.Name}) does not match the name on the URL ({request.Name})");
                await Write(request, body.Metadata.ResourceVersion, _ => body);
                return;
            case "patch":
                var patch = await Patch.Read(request);
                await Write(request, patch.Revision, current => (Pod)patch.Apply(current));
                return;
            default:
                throw StatusException.MethodNotAllowed();
        }
    }

    private async Task Write(ApiRequest request, string? revision, Func<Pod, Pod> change) => await ObjectAnswer.One(request, await writer.Update(
        request, request.Key, WritePart.Subresource, revision, current => With((Pod)current, change((Pod)current))));

    /// <exception cref="StatusException">422: what is there already is changed or taken away, or what is added is wrong.</exception>
    private static Pod With(Pod current, Pod wanted)
    {
        var before = current.Spec ?? new PodSpec();
        var containers = wanted.Spec?.EphemeralContainers?.Select(EphemeralContainerDefaults.Apply).ToList();
        var changed = current with { Metadata = current.Metadata with { Uid = wanted.Metadata.Uid }, Spec = before with { EphemeralContainers = containers } };
        var errors = new FieldErrors();
        EphemeralContainerValidation.Validate(before, changed.Spec!, Same, errors);
        return errors.Any ? throw StatusException.Invalid(Resource.Of<Pod>(), current.Name, errors.Causes) : changed;
    }

    private static bool Same(object? left, object? right) => KubeJson.Serialize(left!).AsSpan().SequenceEqual(KubeJson.Serialize(right!));
}
