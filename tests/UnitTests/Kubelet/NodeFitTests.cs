using KubeApi;
using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public class NodeFitTests
{
    private static Dictionary<string, Quantity> Amounts(params (string Name, string Amount)[] amounts) => amounts.ToDictionary(pair => pair.Name, pair => Quantity.Parse(pair.Amount));

    private static readonly Node Node = new()
    {
        Metadata = new ObjectMeta { Name = "n", Labels = new Dictionary<string, string> { ["zone"] = "a" } },
        Status = new NodeStatus { Allocatable = Amounts(("cpu", "2"), ("memory", "1Gi"), ("pods", "3")) },
    };

    private static Pod Asking(params (string Name, string Amount)[] requests)
    {
        var pod = Pods.Of("Always", "a");
        return pod with { Spec = pod.Spec! with { Containers = [pod.Spec.Containers[0] with { Resources = new ResourceRequirements { Requests = Amounts(requests) } }] } };
    }

    private static string? Reason(Pod pod, Node? node = null, params Pod[] others) => NodeFit.Problem(pod, node ?? Node, others)?.Reason;

    [Fact]
    public void What_fits_beside_the_others_is_taken() => Assert.Null(Reason(Asking(("cpu", "1"), ("memory", "512Mi")), null, Asking(("cpu", "1"), ("memory", "512Mi")), Asking()));

    [Theory]
    [InlineData("cpu", "1500m", "OutOfcpu", "cpu, requested: 1500, used: 1000, capacity: 2000")]
    [InlineData("memory", "1Gi", "OutOfmemory", "memory, requested: 1073741824, used: 268435456, capacity: 1073741824")]
    [InlineData("example.com/gpu", "1", "OutOfexample.com/gpu", "example.com/gpu, requested: 1, used: 0, capacity: 0")]
    public void What_does_not_fit_names_the_resource(string name, string amount, string reason, string message)
    {
        var failure = NodeFit.Problem(Asking((name, amount)), Node, [Asking(("cpu", "1"), ("memory", "256Mi"))])!;
        Assert.Equal((reason, $"Pod was rejected: Node didn't have enough resource: {message}", true), (failure.Reason, failure.Message, failure.Rejected));
    }

    [Fact]
    public void A_node_has_room_for_so_many_pods() => Assert.Equal("OutOfpods", Reason(Asking(), null, Asking(), Asking(), Asking()));

    [Fact]
    public void Selector_ports_and_taints_count_as_for_the_scheduler()
    {
        var pod = Asking();
        Assert.Equal("NodeAffinity", Reason(pod with { Spec = pod.Spec! with { NodeSelector = new Dictionary<string, string> { ["zone"] = "b" } } }));
        var port = pod with { Spec = pod.Spec! with { Containers = [new Container { Name = "a", Ports = [new ContainerPort { Port = 80, HostPort = 80 }] }] } };
        Assert.Equal("NodePorts", Reason(port, null, port));
        var tainted = Node with { Spec = new NodeSpec { Taints = [new Taint { Key = "k", Effect = "NoExecute" }] } };
        Assert.Equal("TaintToleration", Reason(pod, tainted));
        Assert.Null(Reason(pod with { Spec = pod.Spec! with { Tolerations = [new Toleration { Operator = "Exists" }] } }, tainted));
        Assert.Null(Reason(pod, Node with { Spec = new NodeSpec { Taints = [new Taint { Key = "k", Effect = "NoSchedule" }] } }));
    }

    [Fact]
    public void A_pod_that_is_not_taken_fails_without_container_statuses()
    {
        var pod = Asking(("cpu", "3"));
        var record = Pods.Record() with { Sandbox = null, Failure = NodeFit.Problem(pod, Node, []) };
        var status = PodStatusOf.Compute(pod, new PodObservation(record, new Dictionary<string, WaitingContainer>(), new Dictionary<string, DateTime>(), Terminal: true), "192.0.2.1", DateTime.UtcNow);
        Assert.Equal(("Failed", "OutOfcpu"), (status.Phase, status.Reason));
        Assert.Null(status.ContainerStatuses);
    }
}
