using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>What the containers of a node are made from besides their pod.</summary>
/// <param name="Services">Those of the cluster, as soon as they are known.</param>
/// <param name="Objects">The Secrets and ConfigMaps of the node's pods.</param>
internal sealed record ContainerSettings(Func<Pod, CancellationToken, Task<IEnumerable<Service>>> Services, ObjectReader Objects, SeccompProfiles Seccomp)
{
    /// <summary>What the node can give to pods.</summary>
    public IReadOnlyDictionary<string, Quantity> Allocatable { get; init; } = new Dictionary<string, Quantity>();

    /// <summary>Bytes of memory that the node has.</summary>
    public long NodeMemory { get; init; }

    /// <summary>Most processes of one pod; keeps a fork bomb in it (kubelet, --pod-max-pids).</summary>
    public long PodMaxPids { get; init; } = 32768;
}
