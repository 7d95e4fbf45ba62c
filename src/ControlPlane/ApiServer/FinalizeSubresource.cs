using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>PUT of <c>namespaces/NAME/finalize</c>: the only way to take a namespace's spec.finalizers away, and with the last one the namespace.</summary>
internal static class FinalizeSubresource
{
    /// <exception cref="StatusException">The body is refused.</exception>
    public static async Task Handle(ApiRequest request, ObjectWriter writer)
    {
        if (request.Verb != "update") throw StatusException.MethodNotAllowed();
        var body = await RequestBody.ReadObject<Namespace>(request, typeof(Namespace));
        if (body.Name != request.Name)
            throw StatusException.BadRequest($"the name of the object ({body.Name}) does not match the name on the URL ({request.Name})");
        var stored = await writer.Update(request, request.Key, WritePart.Server, body.Metadata.ResourceVersion,
            current => (Namespace)current with { Spec = (((Namespace)current).Spec ?? new NamespaceSpec()) with { Finalizers = body.Spec?.Finalizers } });
        await ObjectAnswer.One(request, stored);
    }
}
