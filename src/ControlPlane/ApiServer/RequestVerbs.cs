using ControlPlane.Admission;
using ControlPlane.NodeProxy;
using ControlPlane.Registry;
using ControlPlane.Store;

namespace ControlPlane.ApiServer;

/// <summary>Gives a request that was allowed to the verb that answers it.</summary>
internal sealed class RequestVerbs
{
    private readonly ObjectStore store;
    private readonly CancellationToken stopping;
    private readonly ObjectWriter writer;
    private readonly List list;
    private readonly Watch watch;
    private readonly Delete delete;
    private readonly Handlers handlers;

    public RequestVerbs(ObjectStore store, Identity identity, ServiceAddresses addresses, NodeConnection nodes, DefaultTolerations tolerations, CancellationToken stopping)
    {
        (this.store, this.stopping) = (store, stopping);
        var admission = new AdmissionChain(store, identity.Authorizer, tolerations);
        writer = new ObjectWriter(store, addresses, admission);
        list = new List(store);
        watch = new Watch(store);
        delete = new Delete(store, addresses, admission);
        handlers = new Handlers(store, writer, delete, identity, nodes, stopping);
    }

    /// <exception cref="StatusException">As the verb refuses.</exception>
    public Task Handle(ApiRequest request)
    {
        if (request.Target.Subresource is { Length: > 0 } path)
        {
            var subresource = request.Access.Subresource;
            // Only a proxy has paths of its own below it.
            var declared = (subresource == path || subresource == Subresource.ProxyName ? request.Kind.Find(subresource) : null) ?? throw Unserved.Subresource(request.Kind, path);
            if (!declared.Verbs.Contains(request.Verb)) throw StatusException.MethodNotAllowed();
            return subresource == Subresource.StatusName ? Common(request) : handlers.Handle(request);
        }
        if (!request.Kind.Verbs.Contains(request.Verb)) throw StatusException.MethodNotAllowed();
        return request.Kind.IsVirtual ? handlers.Handle(request) : Common(request);
    }

    private Task Common(ApiRequest request)
    {
        var named = request.Name.Length > 0;
        return request.Verb switch
        {
            "get" => Get.Handle(request, store),
            "list" => list.Handle(request),
            "watch" => watch.Handle(request, stopping),
            "create" when !named => Create.Handle(request, writer),
            "update" when named => Update.Handle(request, writer),
            "patch" when named => Patch.Handle(request, writer),
            "delete" => delete.Handle(request),
            "deletecollection" => delete.HandleCollection(request),
            _ => throw StatusException.MethodNotAllowed(),
        };
    }
}
