using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>POST to a collection.</summary>
internal static class Create
{
    /// <exception cref="StatusException">The body or the object is refused.</exception>
    public static async Task Handle(ApiRequest request, ObjectWriter writer)
    {
        if (request.Resource.Namespaced && request.Namespace.Length == 0) throw StatusException.MethodNotAllowed();
        var obj = WithNamespaceOf(request, await RequestBody.ReadObject<KubeObject>(request, request.Resource.Type));
        await ObjectAnswer.One(request, await writer.Create(request, request.Created(obj)), 201);
    }

    /// <summary>The URL decides where an object lives; a body that says something else is a mistake.</summary>
    /// <exception cref="StatusException">400.</exception>
    public static KubeObject WithNamespaceOf(ApiRequest request, KubeObject obj)
    {
        if (request.Resource.Namespaced && obj.Namespace.Length > 0 && obj.Namespace != request.Namespace)
            throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        return obj with { Metadata = obj.Metadata with { Namespace = request.Resource.Namespaced ? request.Namespace : null } };
    }
}
