using System.Net;
using ControlPlane.ApiServer;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using Endpoint = KubeApi.Objects.Endpoint;

namespace ControlPlane.NodeProxy;

/// <summary><c>services/NAME:PORT/proxy/…</c>: HTTP with one of a Service's ready endpoints, any of them.</summary>
internal sealed class ServiceProxy(ObjectStore store, PodHttp http)
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    /// <exception cref="StatusException">400, 404; 503: no endpoint, or it does not answer.</exception>
    public Task Handle(ApiRequest request)
    {
        var target = ProxyTarget.Parse(request.Name, "service");
        var snapshot = store.Snapshot;
        var service = (Service)(snapshot.Get(request.KeyOf(target.Name)) ?? throw StatusException.NotFound(request.Resource, target.Name)).Object;
        var port = PortName(service, target.Port);
        var slices = snapshot.List(Resource.Of<EndpointSlice>().QualifiedName, request.Namespace).Select(stored => stored.Object).OfType<EndpointSlice>()
            .Where(slice => slice.Metadata.Labels?.GetValueOrDefault(ServiceLabel) == target.Name);
        var ready = Ready(slices, port).ToList();
        if (ready.Count == 0) throw StatusException.ServiceUnavailable($"no endpoints available for service \"{request.Name}\"");
        var (endpoint, address, number) = ready[Random.Shared.Next(ready.Count)];
        return http.Forward(request.Http, target.Scheme, new PodAddress(address, number, NodeOf(snapshot, request.Namespace, endpoint, address)));
    }

    /// <summary>A number is that of the Service's port; the endpoints know it by its name.</summary>
    private static string PortName(Service service, string port) => !int.TryParse(port, out var number) ? port
        : service.Spec?.Ports?.FirstOrDefault(declared => declared.Port == number) is { } found ? found.Name ?? ""
        : throw StatusException.ServiceUnavailable($"no service port {number} found for service \"{service.Name}\"");

    private static IEnumerable<(Endpoint, IPAddress, int)> Ready(IEnumerable<EndpointSlice> slices, string portName) =>
        from slice in slices
        from port in slice.Ports ?? []
        where (port.Name ?? "") == portName && port.Port is > 0
        from endpoint in slice.Endpoints ?? []
        where endpoint.Conditions?.Ready != false
        let address = IPAddress.TryParse(endpoint.Addresses.FirstOrDefault() ?? "", out var parsed) ? parsed : null
        where address is not null
        select (endpoint, address, port.Port!.Value);

    /// <summary>Null for an address that is no pod's: it is reached from here, or not at all.</summary>
    private static string? NodeOf(StoreSnapshot snapshot, string ns, Endpoint endpoint, IPAddress address) =>
        endpoint.TargetRef is { Kind: "Pod", Name: { } name } && snapshot.Get(new StoreKey(Resource.Of<Pod>().QualifiedName, ns, name))?.Object is Pod pod
            && pod.Status?.PodIP == address.ToString() ? pod.Spec?.NodeName : null;
}
