using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// GET, PUT and PATCH of a subresource whose body is the whole object, of which one part is taken: <c>pods/NAME/ephemeralcontainers</c>,
/// <c>certificatesigningrequests/NAME/approval</c>.
/// </summary>
/// <param name="part">As which part the change is written.</param>
/// <param name="with">The object as it is, and as the client wants it → as it shall be. Throws <see cref="StatusException"/> where the change is wrong.</param>
internal sealed class PartSubresource<T>(ObjectStore store, ObjectWriter writer, WritePart part, Func<T, T, T> with) where T : KubeObject
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
                var body = await RequestBody.ReadObject<T>(request, typeof(T));
                if (body.Name != request.Name)
                    throw StatusException.BadRequest($"the name of the object ({body.Name}) does not match the name on the URL ({request.Name})");
                await Write(request, body.Metadata.ResourceVersion, _ => body);
                return;
            case "patch":
                var patch = await Patch.Read(request);
                await Write(request, patch.Revision, current => (T)patch.Apply(current));
                return;
            default:
                throw StatusException.MethodNotAllowed();
        }
    }

    private async Task Write(ApiRequest request, string? revision, Func<T, T> change) => await ObjectAnswer.One(request, await writer.Update(
        request, request.Key, part, revision, current => with((T)current, change((T)current))));
}
