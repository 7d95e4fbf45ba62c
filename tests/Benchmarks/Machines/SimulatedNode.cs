using System.Net;
using KubeApi;
using KubeApi.Objects;
using NodeAgent;
using NodeAgent.Kubelet;
using NodeAgent.ServiceProxy;

namespace Benchmarks.Machines;

/// <summary>
/// What an agent is to the control plane, without a machine below it: the agent's own registration, lease and status writer on a connection and with a certificate
/// of its own; its pods are said to run as soon as they are there. It watches its own Node and its own pods.
/// </summary>
internal sealed class SimulatedNode
{
    private readonly ApiClient client;
    private readonly Informer<Pod> pods;
    private readonly Informer<Node> nodes;
    private readonly NodeLease lease;
    private readonly NodeRegistration registration;
    private readonly SimulationCounts counts;
    private readonly IPAddress address;
    private readonly CancellationToken cancel;

    /// <param name="number">From 0; its address follows from it.</param>
    /// <param name="all">How many nodes there are, which an agent sees for itself.</param>
    public SimulatedNode(int number, int all, Kubeconfig credentials, SimulationCounts counts, CancellationToken cancel)
    {
        (this.counts, this.cancel) = (counts, cancel);
        var name = SimulatedNodes.NameOf(number);
        address = new IPAddress([172, 16, (byte)(number / 256), (byte)(number % 256)]);
        client = new ApiClient(credentials, $"nodeagent/{name}");
        pods = new Informer<Pod>(client, counts.Trouble, new ListOptions(FieldSelector: $"spec.nodeName={name}"));
        nodes = new Informer<Node>(client, counts.Trouble, new ListOptions(FieldSelector: $"metadata.name={name}"));
        lease = new NodeLease(client, name, new NodePaths(SimulatedNodes.NoDirectory), new ProgrammedProgress(), LeaseTimes.DefaultDuration, () => all, counts.Trouble) { Owner = () => nodes.Get(name) };
        registration = new NodeRegistration(client, Identity(name), nodes, TimeSpan.FromSeconds(10), counts.Trouble);
        nodes.Changed += (_, node) => { if (node?.Spec?.PodCIDR is not null) registration.SetProblem(null); };
        pods.Changed += (before, pod) =>
        {
            // Also where the control plane took the readiness away, of a node that it did not hear of for a while: the node says it again.
            if (pod is not null && (before is null || before.Metadata.DeletionTimestamp != pod.Metadata.DeletionTimestamp || IsReady(before) && !IsReady(pod))) _ = Task.Run(() => Work(pod), cancel);
        };
    }

    public Task Run() => Task.WhenAll(pods.Run(cancel), nodes.Run(cancel), lease.Run(cancel), registration.Run(cancel));

    private static bool IsReady(Pod pod) => Agent.BenchPods.IsReady(pod);

    private NodeIdentity Identity(string name)
    {
        var size = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("32"), ["memory"] = Quantity.Parse("128Gi"), ["pods"] = Quantity.Parse("110") };
        return new NodeIdentity(name, address, NodeFactsReader.SystemInfo("1.1.0"), size, size) { ServerPort = 10250 };
    }

    private async Task Work(Pod pod)
    {
        try
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, new DeleteOptions { GracePeriodSeconds = 0 });
                return;
            }
            var writer = new PodStatusWriter(client, counts.Trouble);
            foreach (var running in new[] { false, true })
            {
                writer.Set(pod, Status(pod, running), cancel);
                await writer.Flush();
                counts.StatusWritten();
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException) { counts.Trouble(e.Message); }
        catch (OperationCanceledException) { }
    }

    /// <summary>As an agent reports it: first that the pod is being started, then that it runs.</summary>
    private PodStatus Status(Pod pod, bool running)
    {
        var now = DateTime.UtcNow;
        var container = pod.Spec!.Containers[0];
        return new PodStatus
        {
            Phase = running ? "Running" : "Pending", HostIP = address.ToString(), StartTime = pod.Metadata.CreationTimestamp, QosClass = pod.Status?.QosClass,
            PodIP = running ? $"10.{64 + address.GetAddressBytes()[2]}.{address.GetAddressBytes()[3]}.{Math.Abs(pod.Name.GetHashCode(StringComparison.Ordinal)) % 250 + 1}" : null,
            Conditions = [.. new[] { "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled" }
                .Select(type => new PodCondition { Type = type, Status = running || type is "Initialized" or "PodScheduled" ? "True" : "False", LastTransitionTime = now })],
            ContainerStatuses =
            [
                new ContainerStatus
                {
                    Name = container.Name, Ready = running, Started = running, RestartCount = 0, Image = container.Image!, ImageID = running ? "sha256:" + new string('a', 64) : "",
                    ContainerID = running ? $"runc://{pod.Metadata.Uid!.Replace("-", "", StringComparison.Ordinal)}" : "",
                    State = running ? new ContainerState { Running = new ContainerStateRunning { StartedAt = now } } : new ContainerState { Waiting = new ContainerStateWaiting { Reason = "ContainerCreating" } },
                },
            ],
        };
    }
}
