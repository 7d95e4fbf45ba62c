using System.Net;
using System.Net.Sockets;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>A pod behind a Service, with the Service's ports as this pod resolves them.</summary>
/// <param name="Ready">The pod passes its readiness checks.</param>
/// <param name="Terminating">It is being deleted; it may still serve.</param>
internal sealed record ServiceEndpoint(Pod Pod, string Address, IReadOnlyList<DiscoveryEndpointPort> Ports, bool Ready, bool Terminating)
{
    /// <summary>The pods that the Service selects, have an address and have not ended. IPv4 only.</summary>
    public static IReadOnlyList<ServiceEndpoint> Of(Service service, IEnumerable<Pod> pods)
    {
        var selector = Selector.OfLabels(service.Spec?.Selector ?? new Dictionary<string, string>());
        return pods.Where(pod => selector.Matches(pod.Metadata.Labels) && !PodState.IsFinished(pod))
            .Select(pod => (Pod: pod, Address: Ipv4(pod))).Where(member => member.Address is not null)
            .OrderBy(member => member.Pod.Name, StringComparer.Ordinal)
            .Select(member => new ServiceEndpoint(member.Pod, member.Address!, Resolve(service, member.Pod), PodState.IsReady(member.Pod),
                member.Pod.Metadata.DeletionTimestamp is not null))
            .ToList();
    }

    /// <summary>The controllers keep endpoints for this Service: it has a selector and is not a mere DNS alias.</summary>
    public static bool IsManaged(Service service) => service.Spec is { Selector.Count: > 0, Type: not "ExternalName" };

    public static bool IsHeadless(Service service) => service.Spec?.ClusterIP == "None";

    public ObjectReference TargetRef => new() { Kind = "Pod", Namespace = Pod.Namespace, Name = Pod.Name, Uid = Pod.Metadata.Uid };

    /// <summary>The name that the pod has within a headless Service's domain, if it asks for one.</summary>
    public string? HostnameWithin(Service service) => Pod.Spec is { Hostname.Length: > 0 } spec && spec.Subdomain == service.Name ? spec.Hostname : null;

    private static string? Ipv4(Pod pod) =>
        (pod.Status?.PodIPs ?? []).Select(ip => ip.Ip).Append(pod.Status?.PodIP)
        .FirstOrDefault(text => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork);

    /// <summary>A port by name may be another number in every pod; a pod that does not have it lacks the port.</summary>
    private static IReadOnlyList<DiscoveryEndpointPort> Resolve(Service service, Pod pod)
    {
        var ports = new List<DiscoveryEndpointPort>();
        foreach (var port in service.Spec?.Ports ?? [])
            if (PortNumber(port, pod) is { } number)
                ports.Add(new DiscoveryEndpointPort { Name = port.Name ?? "", Protocol = port.Protocol ?? "TCP", Port = number, AppProtocol = port.AppProtocol });
        return ports;
    }

    private static int? PortNumber(ServicePort port, Pod pod)
    {
        var target = port.TargetPort ?? port.Port;
        if (target.IsNumber) return target.Number == 0 ? port.Port : target.Number;
        return (pod.Spec?.Containers ?? []).Concat((pod.Spec?.InitContainers ?? []).Where(container => container.RestartPolicy == "Always"))
            .SelectMany(container => container.Ports ?? [])
            .FirstOrDefault(other => other.Name == target.Text && (other.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.Port;
    }
}
