using ControlPlane.ApiServer;

namespace ControlPlane.NodeProxy;

/// <summary><c>nodes/NAME/proxy/…</c>: the node's own port, for whoever may use it (system:kubelet-api-admin).</summary>
internal sealed class NodeProxyHandler(NodeConnection nodes, CancellationToken stopping)
{
    /// <exception cref="StatusException">404: no such node; 503: it does not answer.</exception>
    public async Task Handle(ApiRequest request)
    {
        try { await RequestForwarding.Forward(request.Http, (message, cancel) => nodes.Send(request.Name, message, ProxiedPath.Of(request.Http), cancel), stopping); }
        catch (NodeUnreachableException e) { throw StatusException.ServiceUnavailable($"error trying to reach service: {e.Message}"); }
    }
}
