using KernelTests.Kubelet;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Eviction;
using NodeAgent.Kubelet;
using NodeAgent.Stats;

namespace KernelTests.NodeEviction;

/// <summary>Eviction of pods with real containers; what is left on the machine is made up.</summary>
[Collection("kubelet")] // they share the cgroup
public sealed class EvictorTests : IAsyncLifetime
{
    private TestNode node = null!;
    private long available = 1 << 30;
    private int reclaimed;
    private readonly List<NodePressure> reported = [];

    public async Task InitializeAsync() => node = await TestNode.Create();

    public async Task DisposeAsync() => await node.DisposeAsync();

    private async Task<IReadOnlyList<Pod>> Look(string thresholds)
    {
        var pods = node.Api.Pods.Where(pod => node.TryRecord(pod) is { Failure: null } record && record.Containers.Any(container => container.IsRunning)).ToList();
        var disk = new PodDiskUsage(node.Paths, key => pods.FirstOrDefault(pod => pod.Key == key));
        var stats = new NodeStats("node1", node.Paths, () => [.. pods.Select(node.Record)], _ => null);
        var parts = new EvictorParts(() => new Dictionary<Signal, Observation> { [Signal.MemoryAvailable] = new(1 << 30, available), [Signal.NodeFsAvailable] = new(1 << 30, available) }, () => pods,
            pod => stats.Usage(node.Record(pod)) is var usage ? new EvictionCandidate(pod, usage.Memory, disk.Of(node.Record(pod), TimeSpan.Zero), usage.Processes) : null,
            (pod, failure) => node.Evict(pod, failure), pod => !node.Record(pod).Containers.Any(container => container.IsRunning),
            _ => { reclaimed++; return Task.CompletedTask; }, reported.Add);
        return await new Evictor(new EvictionOptions { Thresholds = Threshold.Parse(thresholds) }, parts, node.Events, "node1", node.Log.Enqueue).Look(CancellationToken.None);
    }

    [Fact]
    public async Task A_pod_that_writes_more_than_its_emptyDir_may_hold_is_evicted()
    {
        var pod = await node.Running(node.Run(["fill", "/v/file", "4"], policy: "Always",
            container: c => c with { VolumeMounts = [new VolumeMount { Name = "v", MountPath = "/v" }] },
            spec: spec => spec with { Volumes = [new Volume { Name = "v", EmptyDir = new EmptyDirVolumeSource { SizeLimit = Quantity.Parse("1Mi") } }] }));
        await Evicted(pod, "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\". ");
    }

    [Fact]
    public async Task A_container_that_fills_its_own_layer_is_evicted()
    {
        var pod = await node.Running(node.Run(["fill", "/file", "4"], policy: "Never",
            container: c => c with { Resources = new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["ephemeral-storage"] = Quantity.Parse("1Mi") } } }));
        await Evicted(pod, "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ");
    }

    private async Task Evicted(Pod pod, string words)
    {
        for (var bound = 0; bound < 100 && (await Look("")).Count == 0; bound++) await Task.Delay(100);
        pod = await node.WaitFor(pod.Name, "Failed", pod => pod.Status!.Phase == "Failed");
        Assert.Equal(("Evicted", words), (pod.Status!.Reason, pod.Status.Message));
        Assert.Contains(pod.Status.Conditions!, condition => condition is { Type: "DisruptionTarget", Status: "True", Reason: "TerminationByKubelet" });
        await node.Until("event", () => node.Api.Events.Any(item => item.Reason == "Evicted" && item.Message == words));
    }

    [Fact]
    public async Task Under_memory_pressure_the_greediest_pod_goes_alone()
    {
        var modest = await node.Running(node.Run(["hold"]));
        var greedy = await node.Running(node.Run(["take", "30"]));
        await node.Until("30 MiB taken", () => new NodeStats("n", node.Paths, () => [node.Record(greedy)], _ => null).Usage(node.Record(greedy)).Memory["c"] > 30 << 20);
        Assert.Empty(await Look("memory.available<100Mi"));
        available = 1 << 20;
        var evicted = Assert.Single(await Look("memory.available<100Mi"));
        Assert.Equal(greedy.Name, evicted.Name);
        Assert.True(reported[^1].Memory);
        greedy = await node.WaitFor(greedy.Name, "Failed", pod => pod.Status!.Phase == "Failed");
        Assert.StartsWith("The node was low on resource: memory. Threshold quantity: 100Mi, available: 1Mi. Container c was using ", greedy.Status!.Message);
        Assert.Equal("Running", (await node.Running(modest.Name)).Status!.Phase);
        await node.Until("the node's event", () => node.Api.Events.Any(item => item is { Reason: "EvictionThresholdMet", Message: "Attempting to reclaim memory" }));
        Assert.Equal(0, reclaimed);
    }

    [Fact]
    public async Task A_full_disk_is_cleaned_before_a_pod_goes()
    {
        var pod = await node.Running(node.Run(["hold"]));
        available = 1 << 20;
        Assert.Equal(pod.Name, Assert.Single(await Look("nodefs.available<10%")).Name);
        Assert.Equal(1, reclaimed);
    }
}
