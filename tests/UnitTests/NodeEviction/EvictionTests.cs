using KubeApi;
using KubeApi.Objects;
using NodeAgent.Eviction;
using NodeAgent.Kubelet;
using NodeAgent.Stats;

namespace UnitTests.NodeEviction;

public class EvictionTests
{
    private static readonly DateTime T = new(2026, 3, 1, 10, 0, 0, DateTimeKind.Utc);
    private const long Mi = 1 << 20, Gi = 1 << 30;

    private static Dictionary<Signal, Observation> Memory(long available) => new() { [Signal.MemoryAvailable] = new(Gi, available) };

    private static EvictionCandidate Pod(string name, long memory, string? request = null, int priority = 0, long disk = 0, long processes = 0, IReadOnlyDictionary<string, string>? annotations = null) => new(new Pod
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Annotations = annotations },
        Spec = new PodSpec
        {
            Priority = priority,
            Containers = [new Container { Name = "c", Resources = request is null ? null : new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse(request), ["ephemeral-storage"] = Quantity.Parse(request) } } }],
        },
    }, new Dictionary<string, long> { ["c"] = memory }, Disk(disk), processes);

    private static PodDisk Disk(long layer, long logs = 0, long volume = 0) => new(new Dictionary<string, DiskAmount> { ["c"] = new(layer, 1) },
        new Dictionary<string, DiskAmount> { ["c"] = new(logs, 1) }, new Dictionary<string, DiskAmount> { ["v"] = new(volume, 1) });

    private static string Order(string resource, params EvictionCandidate[] pods) => string.Join(' ', EvictionOrder.Of(pods, resource).Select(candidate => candidate.Pod.Name));

    [Fact]
    public void Pods_above_their_request_go_first_then_low_priority_then_the_greediest() => Assert.Equal("greedy modest important within",
        Order(Signal.Memory, Pod("within", 10 * Mi, "20Mi"), Pod("important", 900 * Mi, "1Mi", priority: 10), Pod("modest", 30 * Mi, "10Mi"), Pod("greedy", 90 * Mi, "10Mi")));

    [Fact]
    public void Among_those_within_their_request_priority_decides() =>
        Assert.Equal("low high", Order(Signal.Memory, Pod("high", 19 * Mi, "20Mi", priority: 5), Pod("low", 1 * Mi, "20Mi", priority: 1)));

    [Fact]
    public void Of_processes_nothing_is_asked_for() =>
        Assert.Equal("many few important", Order(Signal.Pids, Pod("few", 0, processes: 3), Pod("important", 0, priority: 1, processes: 900), Pod("many", 0, processes: 30)));

    [Fact]
    public void Critical_and_static_pods_stay() => Assert.Equal("plain", Order(Signal.Memory, Pod("system", Gi, priority: 2_000_000_000), Pod("plain", 1),
        Pod("static", Gi, annotations: new Dictionary<string, string> { ["kubernetes.io/config.source"] = "file" }), Pod("mirror", Gi, annotations: new Dictionary<string, string> { ["kubernetes.io/config.mirror"] = "x" })));

    [Fact]
    public void A_pod_is_told_why() => Assert.Equal(
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. Container c was using 300Mi, request is 0, has larger consumption of memory. ",
        EvictionWords.Of(Pod("p", 300 * Mi), Threshold.Parse("memory.available<100Mi")[0], new Observation(Gi, 80 * Mi)));

    [Fact]
    public void A_share_is_one_of_the_capacity() => Assert.Equal("The node was low on resource: ephemeral-storage. Threshold quantity: 100Mi, available: 1Mi. ",
        EvictionWords.Of(Pod("p", 0, "1Gi"), Threshold.Parse("nodefs.available<10%")[0], new Observation(1000 * Mi, Mi)));

    [Theory]
    [InlineData("memory.available", "invalid eviction threshold 'memory.available': expected SIGNAL<VALUE")]
    [InlineData("swap.available<1Mi", "unsupported eviction signal swap.available")]
    [InlineData("memory.available<some", "eviction threshold memory.available must be positive: 'some'")]
    [InlineData("memory.available<-1", "eviction threshold memory.available must be positive: '-1'")]
    [InlineData("nodefs.available<101%", "eviction percentage threshold nodefs.available must be between 0% and 100%: '101%'")]
    [InlineData("nodefs.available<1%,nodefs.available<2%", "found duplicate eviction threshold for signal nodefs.available")]
    public void What_cannot_be_read_is_said(string text, string words) => Assert.Equal(words, Assert.Throws<FormatException>(() => Threshold.Parse(text)).Message);

    [Fact]
    public void Soft_thresholds_need_a_grace_period()
    {
        Assert.Throws<FormatException>(() => EvictionFlags.Read("", "memory.available<1Gi", "", "5m", 0));
        var options = EvictionFlags.Read("", "memory.available<1Gi", "memory.available=1m30s", "1h", 7);
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromHours(1), 7), (options.Thresholds[0].Grace, options.PressureTransitionPeriod, options.MaxPodGracePeriod));
        Assert.Throws<FormatException>(() => EvictionFlags.Read("", "", "", "soon", 0));
    }

    [Fact]
    public void Pressure_stays_for_the_transition_period_and_pods_are_evicted_only_while_it_lasts()
    {
        var state = new ThresholdState(new EvictionOptions { Thresholds = Threshold.Parse("memory.available<100Mi"), PressureTransitionPeriod = TimeSpan.FromMinutes(5) });
        Assert.Equal(NodePressure.None, state.Look(Memory(200 * Mi), T).Pressure);
        var short_ = state.Look(Memory(50 * Mi), T.AddSeconds(10));
        Assert.Equal((new NodePressure(Memory: true), 1), (short_.Pressure, short_.Act.Count));
        var after = state.Look(Memory(200 * Mi), T.AddSeconds(20));
        Assert.Equal((new NodePressure(Memory: true), 0), (after.Pressure, after.Act.Count));
        Assert.True(state.Look(Memory(200 * Mi), T.AddSeconds(309)).Pressure.Memory);
        Assert.False(state.Look(Memory(200 * Mi), T.AddSeconds(310)).Pressure.Memory);
    }

    [Fact]
    public void A_soft_threshold_acts_after_its_grace_period()
    {
        var state = new ThresholdState(EvictionFlags.Read("", "memory.available<1Gi", "memory.available=30s", "0s", 0));
        Assert.Empty(state.Look(Memory(1), T).Act);
        Assert.True(state.Look(Memory(1), T.AddSeconds(29)).Pressure.Memory);
        Assert.Single(state.Look(Memory(1), T.AddSeconds(30)).Act);
        Assert.Empty(state.Look(Memory(Gi), T.AddSeconds(31)).Act);
        Assert.Empty(state.Look(Memory(1), T.AddSeconds(40)).Act); // counts anew
    }

    [Fact]
    public void Memory_comes_before_disk()
    {
        var state = new ThresholdState(new EvictionOptions());
        var verdict = state.Look(new Dictionary<Signal, Observation> { [Signal.NodeFsAvailable] = new(100, 1), [Signal.MemoryAvailable] = new(Gi, 1), [Signal.ImageFsAvailable] = new(100, 50) }, T);
        Assert.Equal(["memory.available", "nodefs.available"], verdict.Act.Select(threshold => threshold.Signal.Name));
        Assert.Equal(new NodePressure(Memory: true, Disk: true), verdict.Pressure);
    }

    [Theory]
    [InlineData("", 20, 0, 0, null)]
    [InlineData("resources: {limits: {ephemeral-storage: 10Mi}}", 4, 4, 0, null)]
    [InlineData("resources: {limits: {ephemeral-storage: 10Mi}}", 6, 5, 0, "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ")]
    [InlineData("resources: {limits: {ephemeral-storage: 10Mi}}", 1, 1, 9, "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ")]
    public void Limits_of_containers_and_pods(string container, long layer, long logs, long volume, string? words)
    {
        var pod = Limited(container, "{emptyDir: {}, name: v}");
        Assert.Equal(container.Length > 0, StorageLimits.Has(pod));
        Assert.Equal(words, StorageLimits.Exceeded(pod, Disk(layer * Mi, logs * Mi, volume * Mi)));
    }

    [Fact]
    public void A_container_s_own_limit_beside_another_s()
    {
        var pod = Limited("resources: {limits: {ephemeral-storage: 2Mi}}", "{emptyDir: {}, name: v}");
        pod = pod with { Spec = pod.Spec! with { Containers = [.. pod.Spec.Containers, new Container { Name = "d", Resources = new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["ephemeral-storage"] = Quantity.Parse("1Gi") } } }] } };
        Assert.Equal("Container c exceeded its local ephemeral storage limit \"2Mi\". ", StorageLimits.Exceeded(pod, Disk(3 * Mi)));
    }

    [Fact]
    public void An_emptyDir_s_size_limit()
    {
        var pod = Limited("", "{emptyDir: {sizeLimit: 1Mi}, name: v}");
        Assert.Null(StorageLimits.Exceeded(pod, Disk(0, 0, Mi)));
        Assert.Equal("Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\". ", StorageLimits.Exceeded(pod, Disk(0, 0, Mi + 1)));
        Assert.False(StorageLimits.Has(Limited("", "{emptyDir: {sizeLimit: 1Mi, medium: Memory}, name: v}"))); // its file system ends there
    }

    [Fact]
    public void A_node_under_pressure_takes_few_new_pods()
    {
        var (best, asking) = (Pod("best", 0).Pod, Pod("asking", 0, "1Mi").Pod);
        Assert.Null(PressureAdmission.Refuse(best, NodePressure.None));
        Assert.Equal(new PodFailure("Evicted", "Pod was rejected: The node had condition: [MemoryPressure]. ", Rejected: true), PressureAdmission.Refuse(best, new NodePressure(Memory: true)));
        Assert.Null(PressureAdmission.Refuse(asking, new NodePressure(Memory: true)));
        Assert.Null(PressureAdmission.Refuse(best with { Spec = best.Spec! with { Tolerations = [new Toleration { Key = "node.kubernetes.io/memory-pressure", Operator = "Exists", Effect = "NoSchedule" }] } }, new NodePressure(Memory: true)));
        Assert.Equal("Pod was rejected: The node had condition: [DiskPressure]. ", PressureAdmission.Refuse(asking, new NodePressure(Disk: true))!.Message);
        Assert.Null(PressureAdmission.Refuse(Pod("critical", 0, priority: 2_000_000_000).Pod, new NodePressure(Disk: true)));
    }

    [Fact]
    public void The_node_s_conditions_tell()
    {
        var conditions = NodeStatusOf.Conditions(null, null, new NodePressure(Disk: true), T).ToDictionary(condition => condition.Type);
        Assert.Equal(("True", "KubeletHasDiskPressure"), (conditions["DiskPressure"].Status, conditions["DiskPressure"].Reason));
        Assert.Equal(("False", "KubeletHasSufficientMemory"), (conditions["MemoryPressure"].Status, conditions["MemoryPressure"].Reason));
        var node = new Node { Status = new NodeStatus { Conditions = [.. conditions.Values] } };
        Assert.False(NodeStatusOf.Differs(node, null, new NodePressure(Disk: true)));
        Assert.True(NodeStatusOf.Differs(node, null, NodePressure.None));
    }

    [Fact]
    public void Pods_are_not_allocated_what_they_would_be_evicted_for()
    {
        var (capacity, allocatable) = (NodeFactsReader.Capacity("/tmp"), NodeFactsReader.Allocatable("/tmp", new EvictionOptions()));
        Assert.Equal(capacity["memory"].Value - 100 * Mi, allocatable["memory"].Value);
        Assert.Equal(capacity["ephemeral-storage"].Value - capacity["ephemeral-storage"].Value / 10, allocatable["ephemeral-storage"].Value);
        Assert.Equal(capacity["cpu"], allocatable["cpu"]);
    }

    private static Pod Limited(string container, string volume) => new()
    {
        Metadata = new ObjectMeta { Name = "p", Namespace = "default" },
        Spec = new PodSpec
        {
            Containers = [container.Length == 0 ? new Container { Name = "c" } : new Container { Name = "c", Resources = new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["ephemeral-storage"] = Quantity.Parse(container.Split(' ')[^1].TrimEnd('}')) } } }],
            Volumes = [new Volume { Name = "v", EmptyDir = new EmptyDirVolumeSource { SizeLimit = volume.Contains("sizeLimit") ? Quantity.Parse("1Mi") : null, Medium = volume.Contains("Memory") ? "Memory" : null } }],
        },
    };

    [Fact]
    public async Task On_a_disk_on_which_nothing_can_be_freed_a_pod_is_evicted_all_the_same()
    {
        var candidate = Pod("p", 0, disk: Gi);
        var evicted = new List<PodFailure>();
        var parts = new EvictorParts(() => new Dictionary<Signal, Observation> { [Signal.NodeFsAvailable] = new(Gi, 0) }, () => [candidate.Pod], _ => candidate,
            (_, failure) => evicted.Add(failure), _ => true, _ => throw new InvalidDataException("the index is damaged"), _ => { });
        var events = new KubeletEvents(new EventRecorder(new ApiClient(new Uri("http://127.0.0.1:1"), new SocketsHttpHandler(), "test"), _ => { }, "node1"));
        var look = await new Evictor(new EvictionOptions { Thresholds = Threshold.Parse("nodefs.available<10%") }, parts, events, "node1", _ => { }).Look(CancellationToken.None);
        Assert.Equal(candidate.Pod, look.Single());
        Assert.Equal("Evicted", evicted.Single().Reason);
    }
}
