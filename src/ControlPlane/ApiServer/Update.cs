using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>PUT of an object or of its status; of some kinds it also creates what is not there.</summary>
internal static class Update
{
    /// <exception cref="StatusException">The body or the change is refused.</exception>
    public static async Task Handle(ApiRequest request, ObjectWriter writer)
    {
        var part = request.Target.Subresource == "status" ? WritePart.Status : WritePart.Object;
        var body = Create.WithNamespaceOf(request, await RequestBody.ReadObject<KubeObject>(request, request.Resource.Type));
        if (body.Name != request.Name)
            throw StatusException.BadRequest($"the name of the object ({body.Name}) does not match the name on the URL ({request.Name})");
        if (part == WritePart.Object && request.Kind.CreatesOnUpdate && !writer.Has(request.Key) && await TryCreate(request, writer, body)) return;
        await ObjectAnswer.One(request, await writer.Update(request, request.Key, part, body.Metadata.ResourceVersion, current => request.Changed(current, body)));
    }

    /// <returns>False if someone else made the object meanwhile.</returns>
    private static async Task<bool> TryCreate(ApiRequest request, ObjectWriter writer, KubeObject body)
    {
        if (body.Metadata.Uid is { Length: > 0 } uid) // a change of a certain object, which is gone
            throw StatusException.Conflict(request.Resource, body.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: ");
        try
        {
            var created = await writer.Create(request, request.Created(body with { Metadata = body.Metadata with { ResourceVersion = null } }));
            await ObjectAnswer.One(request, created, 201);
            return true;
        }
        catch (StatusException e) when (e.Status.Reason == "AlreadyExists")
        {
            return false;
        }
    }
}
