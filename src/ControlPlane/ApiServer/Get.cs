namespace ControlPlane.ApiServer;

/// <summary>GET of one object.</summary>
internal static class Get
{
    /// <exception cref="StatusException">404.</exception>
    public static Task Handle(ApiRequest request, Store.ObjectStore store) =>
        ObjectAnswer.One(request, store.Snapshot.Get(request.Key) ?? throw StatusException.NotFound(request.Resource, request.Name));
}
