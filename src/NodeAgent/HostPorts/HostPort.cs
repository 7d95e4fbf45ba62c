using System.Net;
using System.Net.Sockets;
using KubeApi.Objects;

namespace NodeAgent.HostPorts;

/// <summary>A port of the node that leads to a pod: <c>ports[].hostPort</c>.</summary>
/// <param name="Pod"><c>namespace/name</c>.</param>
/// <param name="Protocol">tcp, udp or sctp.</param>
/// <param name="HostAddress">Empty: every address of the node.</param>
internal sealed record HostPort(string Pod, string Protocol, string HostAddress, int Port, string PodAddress, int PodPort)
{
    /// <summary>Those of a pod with a network of its own; on the node's network a port is the node's anyway.</summary>
    /// <exception cref="IOException">hostIP is no IPv4 address.</exception>
    public static IReadOnlyList<HostPort> Of(Pod pod, string address)
    {
        if (pod.Spec!.HostNetwork == true) return [];
        var sidecars = (pod.Spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always");
        return [.. from container in pod.Spec.Containers.Concat(sidecars)
                   from port in container.Ports ?? []
                   where port.HostPort is > 0
                   select new HostPort(pod.Key, (port.Protocol ?? "TCP").ToLowerInvariant(), Address(port.HostIP), port.HostPort!.Value, address, port.Port)];
    }

    private static string Address(string? text)
    {
        if (string.IsNullOrEmpty(text) || text == "0.0.0.0") return "";
        return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() // as iptables writes it: "10.1" is an address to .NET
            : throw new IOException($"hostIP {text}: this node has IPv4 addresses only");
    }

    /// <summary>Whether one packet could be meant for both.</summary>
    public bool ClashesWith(HostPort other) => Port == other.Port && Protocol == other.Protocol
        && (HostAddress.Length == 0 || other.HostAddress.Length == 0 || HostAddress == other.HostAddress);

    public override string ToString() => $"{(HostAddress.Length > 0 ? $"{HostAddress}:" : "")}{Port}/{Protocol.ToUpperInvariant()}";
}
