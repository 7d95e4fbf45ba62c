using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Controllers;

/// <summary>Small objects with what the decisions look at.</summary>
internal static class TestObjects
{
    public static readonly DateTime Now = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    public static Dictionary<string, string> Labels(params string[] pairs) => pairs.Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    public static Pod Pod(string name, string? node = "node1", bool ready = true, string phase = "Running", string? ip = null, string[]? labels = null, string? owner = null,
        bool deleting = false, DateTime? created = null, DateTime? readySince = null) => new()
    {
        Kind = "Pod", ApiVersion = "v1",
        Metadata = new ObjectMeta
        {
            Name = name, Namespace = "default", Uid = "uid-" + name, Labels = Labels(labels ?? ["app=nginx"]), CreationTimestamp = created ?? Now.AddHours(-1),
            DeletionTimestamp = deleting ? Now : null, OwnerReferences = owner is null ? null : [Owner(owner)],
        },
        Spec = new PodSpec { NodeName = node, Containers = [new Container { Name = "main", Image = "nginx" }] },
        Status = new PodStatus
        {
            Phase = phase, PodIP = ip, PodIPs = ip is null ? null : [new PodIP { Ip = ip }],
            Conditions = [new PodCondition { Type = "Ready", Status = ready ? "True" : "False", LastTransitionTime = readySince ?? Now.AddMinutes(-30) }],
        },
    };

    public static OwnerReference Owner(string uid, bool controller = true) =>
        new() { ApiVersion = "apps/v1", Kind = "ReplicaSet", Name = uid, Uid = uid, Controller = controller, BlockOwnerDeletion = true };

    public static PodTemplateSpec Template(string image = "nginx", params string[] labels) => new()
    {
        Metadata = new ObjectMeta { Labels = Labels(labels.Length == 0 ? ["app=nginx"] : labels) },
        Spec = new PodSpec { Containers = [new Container { Name = "main", Image = image }] },
    };

    public static Service Service(string name = "web", string selector = "app=nginx", params ServicePort[] ports) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Uid = "uid-" + name, Labels = Labels("owner=me") },
        Spec = new ServiceSpec { Selector = Labels(selector), ClusterIP = "10.96.0.5", Type = "ClusterIP", Ports = ports.Length == 0 ? [new ServicePort { Port = 80, Protocol = "TCP", TargetPort = 80 }] : ports },
    };

    public static Node Node(string name, string ready = "True", string cpu = "4", string memory = "8Gi", int pods = 110, string[]? labels = null, Taint[]? taints = null, bool unschedulable = false) => new()
    {
        Metadata = new ObjectMeta { Name = name, Uid = "uid-" + name, Labels = Labels(labels ?? ["kubernetes.io/hostname=" + name]) },
        Spec = new NodeSpec { Taints = taints, Unschedulable = unschedulable ? true : null },
        Status = new NodeStatus
        {
            Allocatable = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(cpu), ["memory"] = Quantity.Parse(memory), ["pods"] = Quantity.OfValue(pods) },
            Conditions = [new NodeCondition { Type = "Ready", Status = ready }],
        },
    };
}
