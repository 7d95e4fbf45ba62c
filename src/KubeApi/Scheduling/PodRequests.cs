using KubeApi.Objects;

namespace KubeApi.Scheduling;

/// <summary>What a pod asks of a node: CPU in thousandths, memory in bytes, other resources by name, ports of the node itself.</summary>
/// <param name="Others">Extended resources and ephemeral-storage, in whole units; only what is asked for.</param>
public sealed record PodRequests(long MilliCpu, long Memory, IReadOnlyDictionary<string, long> Others, IReadOnlyList<HostPort> HostPorts)
{
    /// <summary>What a container that asks for nothing counts as when nodes are compared: 100m and 200 MB.</summary>
    private const long UnstatedMilliCpu = 100, UnstatedMemory = 200 << 20;

    /// <summary>A pebibyte, or a trillion processors: more than any node has, and so little that the pods of a node can be added up.</summary>
    private const long Most = 1L << 50;

    private static readonly Dictionary<string, long> None = [];

    /// <summary>As <see cref="MilliCpu"/>, but never nothing: for comparing nodes, not for fitting.</summary>
    public long WeighedMilliCpu { get; private init; }

    public long WeighedMemory { get; private init; }

    /// <summary>
    /// The containers' requests run side by side and add up; init containers run one after the other, so the greatest
    /// counts; one with restartPolicy Always (a sidecar) goes on running beside all that come after it. What the pod as a
    /// whole asks for counts instead of that, and its overhead in addition.
    /// </summary>
    public static PodRequests Of(PodSpec spec) => new(
        Sum(spec, "cpu", quantity => quantity.MilliValue, 0), Sum(spec, "memory", quantity => quantity.Value, 0),
        OtherNames(spec) is { Count: > 0 } names ? names.ToDictionary(name => name, name => Sum(spec, name, quantity => quantity.Value, 0)) : None, Ports(spec).ToList())
    {
        WeighedMilliCpu = Sum(spec, "cpu", quantity => quantity.MilliValue, UnstatedMilliCpu),
        WeighedMemory = Sum(spec, "memory", quantity => quantity.Value, UnstatedMemory),
    };

    private static HashSet<string> OtherNames(PodSpec spec) => spec.Containers.Concat(spec.InitContainers ?? [])
        .SelectMany(container => container.Resources?.Requests?.Keys ?? []).Concat(spec.Overhead?.Keys ?? [])
        .Where(name => name is not ("cpu" or "memory")).ToHashSet();

    private static long Sum(PodSpec spec, string resource, Func<Quantity, long> amount, long unstated)
    {
        long Request(Container container) => container.Resources?.Requests is { } requests && requests.TryGetValue(resource, out var quantity) ? Math.Min(amount(quantity), Most) : unstated;
        var overhead = spec.Overhead is { } extra && extra.TryGetValue(resource, out var more) ? Math.Min(amount(more), Most) : 0;
        if (spec.Resources?.Requests is { } ofPod && ofPod.TryGetValue(resource, out var whole)) return Add(Math.Min(amount(whole), Most), overhead);
        var (sidecars, peak) = (0L, 0L);
        foreach (var init in spec.InitContainers ?? [])
        {
            peak = Math.Max(peak, Add(sidecars, Request(init)));
            if (init.RestartPolicy == "Always") sidecars = Add(sidecars, Request(init));
        }
        return Add(Math.Max(Add(spec.Containers.Select(Request).Aggregate(0L, Add), sidecars), peak), overhead);
    }

    /// <summary>The API takes requests of any size.</summary>
    private static long Add(long left, long right) => Math.Min(left + right, Most);

    private static IEnumerable<HostPort> Ports(PodSpec spec) =>
        from container in spec.Containers.Concat((spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always"))
        from port in container.Ports ?? []
        let number = spec.HostNetwork == true ? port.Port : port.HostPort ?? 0
        where number > 0
        select new HostPort(string.IsNullOrEmpty(port.HostIP) ? "0.0.0.0" : port.HostIP, port.Protocol ?? "TCP", number);
}

/// <summary>A port of the node's own addresses.</summary>
public sealed record HostPort(string Address, string Protocol, int Port)
{
    /// <summary>Both cannot be bound on one node; 0.0.0.0 is every address.</summary>
    public bool ClashesWith(HostPort other) => Port == other.Port && Protocol == other.Protocol
        && (Address == other.Address || Address == "0.0.0.0" || other.Address == "0.0.0.0");
}
