using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>What a pod asks of a node: CPU in thousandths, memory in bytes, ports of the node itself.</summary>
internal sealed record PodRequests(long MilliCpu, long Memory, IReadOnlyList<HostPort> HostPorts)
{
    /// <summary>
    /// The containers' requests run side by side and add up; init containers run one after the other, so the greatest
    /// counts; one with restartPolicy Always (a sidecar) goes on running beside all that come after it.
    /// </summary>
    public static PodRequests Of(PodSpec spec) =>
        new(Sum(spec, "cpu", quantity => quantity.MilliValue), Sum(spec, "memory", quantity => quantity.Value), Ports(spec).ToList());

    private static long Sum(PodSpec spec, string resource, Func<KubeApi.Quantity, long> amount)
    {
        long Request(Container container) => container.Resources?.Requests is { } requests && requests.TryGetValue(resource, out var quantity) ? amount(quantity) : 0;
        var (sidecars, peak) = (0L, 0L);
        foreach (var init in spec.InitContainers ?? [])
        {
            peak = Math.Max(peak, sidecars + Request(init));
            if (init.RestartPolicy == "Always") sidecars += Request(init);
        }
        var running = spec.Containers.Sum(Request) + sidecars;
        var overhead = spec.Overhead is { } extra && extra.TryGetValue(resource, out var more) ? amount(more) : 0;
        return Math.Max(running, peak) + overhead;
    }

    private static IEnumerable<HostPort> Ports(PodSpec spec) =>
        from container in spec.Containers
        from port in container.Ports ?? []
        let number = spec.HostNetwork == true ? port.Port : port.HostPort ?? 0
        where number > 0
        select new HostPort(string.IsNullOrEmpty(port.HostIP) ? "0.0.0.0" : port.HostIP, port.Protocol ?? "TCP", number);
}

/// <summary>A port of the node's own addresses.</summary>
internal sealed record HostPort(string Address, string Protocol, int Port)
{
    /// <summary>Both cannot be bound on one node; 0.0.0.0 is every address.</summary>
    public bool ClashesWith(HostPort other) => Port == other.Port && Protocol == other.Protocol
        && (Address == other.Address || Address == "0.0.0.0" || other.Address == "0.0.0.0");
}
