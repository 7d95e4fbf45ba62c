using System.Net;
using ControlPlane.ApiServer;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.NodeProxy;

/// <summary><c>pods/NAME:PORT/proxy/…</c>: HTTP with a pod.</summary>
internal sealed class PodProxy(ObjectStore store, PodHttp http)
{
    /// <exception cref="StatusException">400, 404; 503: the pod does not answer.</exception>
    public Task Handle(ApiRequest request)
    {
        var target = ProxyTarget.Parse(request.Name, "pod");
        var pod = (Pod)(store.Snapshot.Get(request.KeyOf(target.Name)) ?? throw StatusException.NotFound(request.Resource, target.Name)).Object;
        if (!IPAddress.TryParse(pod.Status?.PodIP ?? "", out var address)) throw StatusException.BadRequest("address not allowed");
        return http.Forward(request.Http, target.Scheme, new PodAddress(address, Port(pod, target), pod.Spec?.NodeName));
    }

    /// <summary>Without a port that of the first container that names one, else the scheme's.</summary>
    private static int Port(Pod pod, ProxyTarget target)
    {
        var ports = (pod.Spec?.Containers ?? []).SelectMany(container => container.Ports ?? []).ToList();
        if (target.Port.Length == 0) return ports.FirstOrDefault()?.Port ?? (target.Scheme == "https" ? 443 : 80);
        if (int.TryParse(target.Port, out var number) && number is > 0 and <= 65535) return number;
        return ports.FirstOrDefault(port => port.Name == target.Port)?.Port ?? throw StatusException.BadRequest($"invalid pod request \"{target.Name}:{target.Port}\"");
    }
}
