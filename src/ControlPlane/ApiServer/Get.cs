using ControlPlane.Store;

namespace ControlPlane.ApiServer;

/// <summary>GET of one object.</summary>
internal static class Get
{
    /// <exception cref="StatusException">404, 400 malformed revision, 504 revision of the future.</exception>
    public static Task Handle(ApiRequest request, ObjectStore store) => ObjectAnswer.One(request, Stored(request, store));

    /// <exception cref="StatusException">As for <see cref="Handle"/>.</exception>
    public static StoredObject Stored(ApiRequest request, ObjectStore store)
    {
        var snapshot = store.Snapshot;
        if (request.Revision is { } wanted && wanted > snapshot.Revision) throw StatusException.TooLargeRevision(wanted, snapshot.Revision);
        return snapshot.Get(request.Key) ?? throw StatusException.NotFound(request.Resource, request.Name);
    }
}
