using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Scheduling;

namespace ControlPlane.Scheduler;

/// <summary>A node and what is already on it or about to be. Sums are kept, not computed when asked.</summary>
internal sealed class NodeState(string name)
{
    private readonly Dictionary<string, PodInfo> pods = [];
    private readonly Dictionary<HostPort, int> ports = [];
    private readonly Dictionary<string, long> others = [];
    private Node? node;

    public string Name => name;

    /// <summary>Null while pods are known for a node that is not.</summary>
    public Node? Node
    {
        get => node;
        set
        {
            node = value;
            var taints = value is null ? [] : Tolerations.EffectiveTaints(value).ToList();
            Taints = taints.Where(taint => taint.Effect is "NoSchedule" or "NoExecute").ToList();
            UnwantedTaints = taints.Where(taint => taint.Effect == "PreferNoSchedule").ToList();
            (AllocatableMilliCpu, AllocatableMemory, AllocatablePods) =
                (Allocatable("cpu", quantity => quantity.MilliValue), Allocatable("memory", quantity => quantity.Value), Allocatable("pods", quantity => quantity.Value));
        }
    }

    /// <summary>Taints that keep pods away which do not tolerate them.</summary>
    public IReadOnlyList<Taint> Taints { get; private set; } = [];

    /// <summary>Taints that only ask pods to stay away.</summary>
    public IReadOnlyList<Taint> UnwantedTaints { get; private set; } = [];

    public long AllocatableMilliCpu { get; private set; }
    public long AllocatableMemory { get; private set; }
    public long AllocatablePods { get; private set; }

    public long MilliCpu { get; private set; }
    public long Memory { get; private set; }

    /// <summary>As <see cref="PodRequests.WeighedMilliCpu"/>, of all pods.</summary>
    public long WeighedMilliCpu { get; private set; }
    public long WeighedMemory { get; private set; }

    /// <summary>Pods that have not ended; those being deleted still hold their resources.</summary>
    public int PodCount => pods.Count;

    public IEnumerable<PodInfo> Pods => pods.Values;

    public string? Label(string key) => node?.Metadata.Labels?.GetValueOrDefault(key);

    public bool HasPort(HostPort port) => ports.Count > 0 && ports.Keys.Any(port.ClashesWith);

    /// <summary>What is left of another resource than CPU and memory.</summary>
    public long Free(string resource) => Allocatable(resource, quantity => quantity.Value) - others.GetValueOrDefault(resource);

    private long Allocatable(string resource, Func<Quantity, long> amount) =>
        node?.Status?.Allocatable is { } allocatable && allocatable.TryGetValue(resource, out var quantity) ? amount(quantity) : 0;

    /// <summary>The pod must not be there already.</summary>
    public void Add(PodInfo pod)
    {
        pods.Add(pod.Id, pod);
        Count(pod, 1);
    }

    /// <summary>The pod as it was added, or null.</summary>
    public PodInfo? Remove(string id)
    {
        if (!pods.Remove(id, out var pod)) return null;
        Count(pod, -1);
        return pod;
    }

    private void Count(PodInfo pod, int sign)
    {
        var requests = pod.Requests;
        MilliCpu += sign * requests.MilliCpu;
        Memory += sign * requests.Memory;
        WeighedMilliCpu += sign * requests.WeighedMilliCpu;
        WeighedMemory += sign * requests.WeighedMemory;
        foreach (var (resource, amount) in requests.Others) others[resource] = others.GetValueOrDefault(resource) + sign * amount;
        foreach (var port in requests.HostPorts)
        {
            var count = ports.GetValueOrDefault(port) + sign;
            if (count > 0) ports[port] = count;
            else ports.Remove(port);
        }
    }
}
