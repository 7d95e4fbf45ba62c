using ControlPlane.Controllers;
using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>A node and what is already on it or about to be.</summary>
internal sealed class NodeState
{
    private readonly Dictionary<string, (Pod Pod, PodRequests Requests)> pods = [];

    /// <summary>Null while pods are known for a node that is not.</summary>
    public Node? Node { get; set; }

    public long MilliCpu { get; private set; }

    public long Memory { get; private set; }

    /// <summary>Pods that have not ended; those being deleted still hold their resources.</summary>
    public int PodCount => pods.Count;

    public IEnumerable<Pod> Pods => pods.Values.Select(entry => entry.Pod);

    public bool HasPort(HostPort port) => pods.Values.Any(entry => entry.Requests.HostPorts.Any(port.ClashesWith));

    public long Allocatable(string resource, Func<KubeApi.Quantity, long> amount) =>
        Node?.Status?.Allocatable is { } allocatable && allocatable.TryGetValue(resource, out var quantity) ? amount(quantity) : 0;

    /// <summary>Adds the pod or replaces what was known of it.</summary>
    public void Put(Pod pod)
    {
        Remove(pod);
        if (PodState.IsFinished(pod)) return;
        var requests = PodRequests.Of(pod.Spec ?? new PodSpec());
        pods[pod.Metadata.Uid ?? pod.Key] = (pod, requests);
        MilliCpu += requests.MilliCpu;
        Memory += requests.Memory;
    }

    public void Remove(Pod pod)
    {
        if (!pods.Remove(pod.Metadata.Uid ?? pod.Key, out var entry)) return;
        MilliCpu -= entry.Requests.MilliCpu;
        Memory -= entry.Requests.Memory;
    }
}
