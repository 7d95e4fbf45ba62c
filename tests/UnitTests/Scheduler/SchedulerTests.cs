using ControlPlane.Scheduler;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Scheduling;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Scheduler;

public class TolerationsTests
{
    private static readonly Taint Taint = new() { Key = "dedicated", Value = "db", Effect = "NoSchedule" };

    [Theory]
    [InlineData("dedicated", null, "db", null, true)]
    [InlineData("dedicated", "Equal", "db", "NoSchedule", true)]
    [InlineData("dedicated", "Equal", "web", null, false)]
    [InlineData("dedicated", "Exists", null, null, true)]
    [InlineData("dedicated", "Exists", null, "NoExecute", false)]
    [InlineData("other", "Exists", null, null, false)]
    [InlineData(null, "Exists", null, null, true)]
    [InlineData(null, "Exists", null, "NoSchedule", true)]
    [InlineData(null, null, null, null, false)]
    [InlineData("", "Exists", null, "", true)]
    public void A_toleration_tolerates_what_it_names(string? key, string? op, string? value, string? effect, bool tolerates) =>
        Assert.Equal(tolerates, Tolerations.Tolerates(new Toleration { Key = key, Operator = op, Value = value, Effect = effect }, Taint));

    [Fact]
    public void A_node_that_is_not_ready_counts_as_tainted_before_the_taint_is_written()
    {
        Assert.Empty(Tolerations.EffectiveTaints(Node("n")));
        Assert.Equal(Tolerations.NotReady, Assert.Single(Tolerations.EffectiveTaints(Node("n", "False"))).Key);
        Assert.Equal(Tolerations.Unreachable, Assert.Single(Tolerations.EffectiveTaints(Node("n", "Unknown"))).Key);
        Assert.Equal(Tolerations.NotReady, Assert.Single(Tolerations.EffectiveTaints(new Node())).Key);
        Assert.Single(Tolerations.EffectiveTaints(Node("n", "False", taints: [new Taint { Key = Tolerations.NotReady, Effect = "NoSchedule" }])));
        Assert.Equal(Tolerations.Unschedulable, Assert.Single(Tolerations.EffectiveTaints(Node("n", unschedulable: true))).Key);
    }
}

public class NodeAffinityTermsTests
{
    private static readonly Node Node = Node("n", labels: ["zone=a", "cores=8"]);

    [Theory]
    [InlineData("zone", "In", "a,b", true)]
    [InlineData("zone", "In", "b", false)]
    [InlineData("zone", "NotIn", "b", true)]
    [InlineData("zone", "NotIn", "a", false)]
    [InlineData("gone", "NotIn", "a", true)]
    [InlineData("gone", "In", "a", false)]
    [InlineData("zone", "Exists", "", true)]
    [InlineData("gone", "DoesNotExist", "", true)]
    [InlineData("cores", "Gt", "4", true)]
    [InlineData("cores", "Gt", "8", false)]
    [InlineData("cores", "Lt", "9", true)]
    [InlineData("zone", "Gt", "1", false)]
    [InlineData("gone", "Lt", "1", false)]
    [InlineData("zone", "Like", "a", false)]
    public void A_requirement_matches_what_it_says(string key, string op, string values, bool matches)
    {
        var requirement = new NodeSelectorRequirement { Key = key, Operator = op, Values = values.Length == 0 ? null : values.Split(',') };
        Assert.Equal(matches, NodeAffinityTerms.Matches(new NodeSelectorTerm { MatchExpressions = [requirement] }, Node));
    }

    [Fact]
    public void Selector_and_one_of_the_terms_must_hold()
    {
        NodeSelectorTerm Zone(string zone) => new() { MatchExpressions = [new NodeSelectorRequirement { Key = "zone", Operator = "In", Values = [zone] }] };
        PodSpec Spec(Dictionary<string, string>? selector, params NodeSelectorTerm[] terms) => new()
        {
            NodeSelector = selector, Affinity = new Affinity { NodeAffinity = new NodeAffinity { RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelector { NodeSelectorTerms = terms } } },
        };
        Assert.True(NodeAffinityTerms.Matches(new PodSpec(), Node));
        Assert.True(NodeAffinityTerms.Matches(Spec(Labels("cores=8"), Zone("b"), Zone("a")), Node));
        Assert.False(NodeAffinityTerms.Matches(Spec(Labels("cores=4"), Zone("a")), Node));
        Assert.False(NodeAffinityTerms.Matches(Spec(null, Zone("b")), Node));
        Assert.False(NodeAffinityTerms.Matches(Spec(null, new NodeSelectorTerm()), Node));
        Assert.True(NodeAffinityTerms.Matches(new NodeSelectorTerm { MatchFields = [new NodeSelectorRequirement { Key = "metadata.name", Operator = "In", Values = ["n"] }] }, Node));
    }

    [Fact]
    public void Preferences_that_hold_add_their_weights()
    {
        PreferredSchedulingTerm Prefer(int weight, string zone) => new() { Weight = weight, Preference = new NodeSelectorTerm { MatchExpressions = [new NodeSelectorRequirement { Key = "zone", Operator = "In", Values = [zone] }] } };
        var spec = new PodSpec { Affinity = new Affinity { NodeAffinity = new NodeAffinity { PreferredDuringSchedulingIgnoredDuringExecution = [Prefer(5, "a"), Prefer(3, "b"), Prefer(1, "a")] } } };
        Assert.Equal(6, NodeAffinityTerms.Preference(spec, Node));
    }
}

public class PodRequestsTests
{
    [Fact]
    public void Requests_larger_than_any_node_do_not_overflow()
    {
        var huge = Asking("9000000000000000000", "8Ei");
        var requests = PodRequests.Of(new PodSpec { Containers = [.. Enumerable.Repeat(huge, 3)], InitContainers = [huge with { RestartPolicy = "Always" }, huge] });
        Assert.Equal((1L << 50, 1L << 50, 1L << 50), (requests.MilliCpu, requests.Memory, requests.WeighedMemory));
    }

    private static Container Asking(string? cpu, string? memory = null, string? restart = null) => new()
    {
        Name = "c", RestartPolicy = restart,
        Resources = new ResourceRequirements { Requests = new[] { ("cpu", cpu), ("memory", memory) }.Where(r => r.Item2 is not null).ToDictionary(r => r.Item1, r => Quantity.Parse(r.Item2!)) },
    };

    [Fact]
    public void Containers_add_up_and_the_greatest_init_container_counts()
    {
        var requests = PodRequests.Of(new PodSpec { Containers = [Asking("100m", "64Mi"), Asking("1")], InitContainers = [Asking("500m", "1Gi"), Asking("2")] });
        Assert.Equal((2000, 1L << 30), (requests.MilliCpu, requests.Memory));
    }

    [Fact]
    public void What_the_pod_as_a_whole_asks_for_counts_instead_and_overhead_in_addition()
    {
        Dictionary<string, Quantity> Cpu(string amount) => new() { ["cpu"] = Quantity.Parse(amount) };
        var spec = new PodSpec { Containers = [Asking("100m", "1Gi")], Resources = new ResourceRequirements { Requests = Cpu("2") }, Overhead = Cpu("250m") };
        Assert.Equal((2250, 1L << 30), (PodRequests.Of(spec).MilliCpu, PodRequests.Of(spec).Memory));
    }

    [Fact]
    public void Other_resources_are_kept_by_name_and_what_asks_for_nothing_weighs_a_little()
    {
        var asking = new Container { Name = "c", Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["example.com/gpu"] = Quantity.Parse("2"), ["ephemeral-storage"] = Quantity.Parse("1Gi") } } };
        var requests = PodRequests.Of(new PodSpec { Containers = [asking, Asking(null)] });
        Assert.Equal([("ephemeral-storage", 1L << 30), ("example.com/gpu", 2L)], requests.Others.OrderBy(other => other.Key, StringComparer.Ordinal).Select(other => (other.Key, other.Value)));
        Assert.Equal((0, 200, 0L, 400L << 20), (requests.MilliCpu, requests.WeighedMilliCpu, requests.Memory, requests.WeighedMemory));
    }

    [Fact]
    public void A_sidecar_runs_beside_what_comes_after_it()
    {
        var spec = new PodSpec { Containers = [Asking("100m")], InitContainers = [Asking("1"), Asking("300m", restart: "Always"), Asking("900m")], Overhead = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("10m") } };
        Assert.Equal(1210, PodRequests.Of(spec).MilliCpu);
    }

    [Fact]
    public void Host_ports_clash_by_number_protocol_and_address()
    {
        HostPort Port(string address, int port, string protocol = "TCP") => new(address, protocol, port);
        Assert.True(Port("0.0.0.0", 80).ClashesWith(Port("10.0.0.1", 80)));
        Assert.True(Port("10.0.0.1", 80).ClashesWith(Port("10.0.0.1", 80)));
        Assert.False(Port("10.0.0.1", 80).ClashesWith(Port("10.0.0.2", 80)));
        Assert.False(Port("0.0.0.0", 80).ClashesWith(Port("0.0.0.0", 80, "UDP")));
        Container With(ContainerPort port) => new() { Name = "c", Ports = [port] };
        Assert.Empty(PodRequests.Of(new PodSpec { Containers = [With(new ContainerPort { Port = 80 })] }).HostPorts);
        Assert.Equal(8080, Assert.Single(PodRequests.Of(new PodSpec { Containers = [With(new ContainerPort { Port = 80, HostPort = 8080 })] }).HostPorts).Port);
        Assert.Equal(80, Assert.Single(PodRequests.Of(new PodSpec { HostNetwork = true, Containers = [With(new ContainerPort { Port = 80 })] }).HostPorts).Port);
    }
}

public class SchedulerCacheTests
{
    private readonly SchedulerCache cache = new(_ => null);
    private int names;

    private void Add(params Node[] nodes)
    {
        foreach (var node in nodes) cache.NodeChanged(null, node);
    }

    private Pod New(string? owner = null, string[]? labels = null, PodSpec? spec = null)
    {
        var pod = Pod($"p{names++:d3}", node: null, ready: false, phase: "Pending", labels: labels, owner: owner);
        return spec is null ? pod : pod with { Spec = spec };
    }

    private Decision Schedule(Pod pod, params Service[] services) => cache.Assume(pod, services);

    private static PodSpec Asking(string cpu) => new() { Containers = [new Container { Name = "c", Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(cpu) } } }] };

    [Fact]
    public void Pods_of_one_controller_spread_over_the_nodes_without_waiting_for_the_watch()
    {
        Add(Node("n1"), Node("n2"), Node("n3"));
        var nodes = Enumerable.Range(0, 6).Select(_ => Schedule(New(owner: "rs")).Node!).ToList();
        Assert.Equal(3, nodes.Take(3).Distinct().Count());
        Assert.All(nodes.GroupBy(node => node), group => Assert.Equal(2, group.Count()));
    }

    [Fact]
    public void Pods_of_one_service_spread_although_nobody_controls_them()
    {
        Add(Node("n1"), Node("n2"));
        foreach (var _ in Enumerable.Range(0, 4)) Assert.NotNull(Schedule(New(labels: ["x=y"], spec: Asking("100m"))).Node);
        var service = Service();
        Assert.NotEqual(Schedule(New(), service).Node, Schedule(New(), service).Node);
    }

    [Fact]
    public void After_a_scale_to_zero_and_back_the_pods_are_on_different_nodes_again()
    {
        Add(Node("n1"), Node("n2"));
        Pod Bound(Pod pod, string node, bool deleting) => pod with { Spec = pod.Spec! with { NodeName = node }, Metadata = pod.Metadata with { DeletionTimestamp = deleting ? Now : null } };
        var old = new[] { New(owner: "rs"), New(owner: "rs") };
        foreach (var pod in old)
        {
            var node = Schedule(pod).Node!;
            cache.PodChanged(pod, Bound(pod, node, deleting: false));
            cache.PodChanged(Bound(pod, node, false), Bound(pod, node, deleting: true)); // ends, but is not gone yet
        }
        Assert.NotEqual(Schedule(New(owner: "rs")).Node, Schedule(New(owner: "rs")).Node);
    }

    [Fact]
    public void Spreading_comes_before_load_and_load_decides_between_equals()
    {
        Add(Node("n1"), Node("n2"));
        Assert.Equal("n1", Schedule(New(spec: Asking("3"), labels: ["a=b"])).Node);
        Assert.Equal("n2", Schedule(New(owner: "rs")).Node);
        Assert.Equal("n1", Schedule(New(owner: "rs")).Node);
    }

    [Fact]
    public void Without_a_fitting_node_the_answer_counts_the_reasons()
    {
        Assert.Equal("no nodes available to schedule pods", Schedule(New()).Message);
        Add(Node("n1", "Unknown"), Node("n2", "Unknown"));
        Assert.Equal("0/2 nodes are available: 2 node(s) had untolerated taint(s).", Schedule(New()).Message);
        Add(Node("n1", cpu: "1"), Node("n2", unschedulable: true), Node("n3", taints: [new Taint { Key = "dedicated", Value = "db", Effect = "NoExecute" }]), Node("n4", labels: ["zone=b"], pods: 0));
        Assert.Equal("0/4 nodes are available: 1 Insufficient cpu, 1 Too many pods, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.", Schedule(New(spec: Asking("2"))).Message);
        Assert.Equal("0/4 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.",
            Schedule(New(spec: Asking("2") with { NodeSelector = Labels("zone=a") })).Message);
    }

    [Fact]
    public void A_node_takes_no_more_than_it_has()
    {
        Add(Node("n1", cpu: "1"), Node("n2", cpu: "1"));
        var spec = Asking("600m");
        Assert.NotEqual(Schedule(New(spec: spec)).Node, Schedule(New(spec: spec)).Node);
        Assert.Equal("0/2 nodes are available: 2 Insufficient cpu.", Schedule(New(spec: spec)).Message);
    }

    [Fact]
    public void What_ends_or_is_taken_back_makes_room()
    {
        Add(Node("n1", pods: 1));
        var first = New();
        Assert.Equal("n1", Schedule(first).Node);
        Assert.Null(Schedule(New()).Node);
        cache.Forget(first);
        var second = New();
        Assert.Equal("n1", Schedule(second).Node);
        cache.PodChanged(second, second with { Spec = second.Spec! with { NodeName = "n1" }, Status = new PodStatus { Phase = "Succeeded" } });
        Assert.Equal("n1", Schedule(New()).Node);
    }

    [Fact]
    public void A_host_port_is_given_once_per_node()
    {
        Add(Node("n1"), Node("n2"));
        var spec = new PodSpec { Containers = [new Container { Name = "c", Ports = [new ContainerPort { Port = 80, HostPort = 80 }] }] };
        Assert.NotEqual(Schedule(New(spec: spec)).Node, Schedule(New(spec: spec)).Node);
        Assert.Equal("0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.", Schedule(New(spec: spec)).Message);
    }

    [Fact]
    public void A_node_that_goes_is_not_chosen_and_comes_back_with_its_pods()
    {
        Add(Node("n1"), Node("n2"));
        var pod = New(owner: "rs");
        Assert.Equal("n1", Schedule(pod).Node);
        cache.NodeChanged(Node("n1"), null);
        Assert.Equal("n2", Schedule(New(owner: "rs")).Node);
        Assert.Equal("n2", Schedule(New(owner: "rs")).Node);
        Add(Node("n1"));
        Assert.Equal("n1", Schedule(New(owner: "rs")).Node);
    }

    [Fact]
    public void A_taint_that_only_asks_to_stay_away_is_respected_while_there_is_another_node()
    {
        Add(Node("n1", taints: [new Taint { Key = "old", Effect = "PreferNoSchedule" }]), Node("n2", pods: 1));
        Assert.Equal("n2", Schedule(New()).Node);
        Assert.Equal("n1", Schedule(New()).Node);
    }
}
