using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>PUT of an object or of its status.</summary>
internal static class Update
{
    /// <exception cref="StatusException">The body or the change is refused.</exception>
    public static async Task Handle(ApiRequest request, ObjectWriter writer)
    {
        var part = request.Target.Subresource == "status" ? WritePart.Status : WritePart.Object;
        var body = Create.WithNamespaceOf(request, await RequestBody.ReadObject<KubeObject>(request, request.Resource.Type));
        if (body.Name != request.Name)
            throw StatusException.BadRequest($"the name of the object ({body.Name}) does not match the name on the URL ({request.Name})");
        await ObjectAnswer.One(request, await writer.Update(request, request.Key, part, body.Metadata.ResourceVersion, _ => body));
    }
}
