using ControlPlane.Certificates;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace Benchmarks.Api;

/// <summary>
/// A data directory as a large cluster leaves it: nodes with their leases, and running pods spread over them and over
/// namespaces of 100 pods each. Each pod has what kubelets, controllers and kubectl write, managedFields too.
/// </summary>
internal static class StoredCluster
{
    public const int Nodes = 1_000, Pods = 30_000, PodsPerNamespace = 100;

    private static readonly DateTime Time = DateTime.UtcNow.AddHours(-1);

    /// <returns>Bytes of a stored pod, on average.</returns>
    public static double Write(string directory)
    {
        Directory.CreateDirectory(directory);
        using (ClusterCa.Open(Path.Combine(directory, "pki"))) { }
        using var disk = SqliteStore.Open(new StoreFiles(directory)).Store;
        long revision = 0, bytes = 0;
        foreach (var batch in Objects().Chunk(1_000))
        {
            var events = batch.Select(obj => Added(obj, ++revision)).ToList();
            disk.Commit(events);
            bytes += events.Where(change => change.Current.Key.Resource == "pods").Sum(change => change.Current.Json.Length);
        }
        return (double)bytes / Pods;
    }

    public static string NamespaceOf(int pod) => $"team-{pod / PodsPerNamespace}";

    public static string NameOf(int pod) => $"web-{pod / PodsPerNamespace}-7c5ddbdf54-{pod:x5}";

    public static Lease Lease(int node) => new()
    {
        Metadata = Meta($"node-{node}", "kube-node-lease"),
        Spec = new LeaseSpec { HolderIdentity = $"node-{node}", LeaseDurationSeconds = 40, RenewTime = DateTime.UtcNow },
    };

    private static IEnumerable<KubeObject> Objects()
    {
        foreach (var name in new[] { "default", "kube-system", "kube-public", "kube-node-lease" }.Concat(Enumerable.Range(0, Pods / PodsPerNamespace).Select(number => $"team-{number}")))
            yield return new Namespace
            {
                Metadata = Meta(name, null) with { Labels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = name } },
                Spec = new NamespaceSpec { Finalizers = ["kubernetes"] }, Status = new NamespaceStatus { Phase = "Active" },
            };
        for (var node = 0; node < Nodes; node++)
        {
            yield return Node(node);
            yield return Lease(node);
        }
        for (var pod = 0; pod < Pods; pod++) yield return Pod(pod);
    }

    private static StoreEvent Added(KubeObject obj, long revision)
    {
        var resource = Resource.Of(obj.GetType());
        obj = obj with { Kind = resource.Kind, ApiVersion = resource.ApiVersion, Metadata = obj.Metadata with { ResourceVersion = $"{revision}" } };
        return new StoreEvent(StoreEventType.Added, new StoredObject(new StoreKey(resource.QualifiedName, obj.Namespace, obj.Name), obj, KubeJson.Serialize(obj), revision), null);
    }

    private static ObjectMeta Meta(string name, string? ns) => new() { Name = name, Namespace = ns, Uid = Guid.NewGuid().ToString(), CreationTimestamp = Time };

    private static Node Node(int node)
    {
        var size = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("32"), ["memory"] = Quantity.Parse("128Gi"), ["pods"] = Quantity.Parse("110") };
        return new Node
        {
            Metadata = Meta($"node-{node}", null) with { Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = $"node-{node}", ["kubernetes.io/os"] = "linux", ["kubernetes.io/arch"] = "amd64" } },
            Spec = new NodeSpec { PodCIDR = $"10.{64 + node / 256}.{node % 256}.0/24", PodCIDRs = [$"10.{64 + node / 256}.{node % 256}.0/24"] },
            Status = new NodeStatus
            {
                Capacity = size, Allocatable = size, Addresses = [new NodeAddress { Type = "InternalIP", Address = $"172.16.{node / 256}.{node % 256}" }],
                Conditions = [.. new[] { ("Ready", "True"), ("MemoryPressure", "False"), ("DiskPressure", "False"), ("PIDPressure", "False") }
                    .Select(type => new NodeCondition { Type = type.Item1, Status = type.Item2, Reason = "KubeletReady", Message = "kubelet is posting ready status", LastHeartbeatTime = Time, LastTransitionTime = Time })],
            },
        };
    }

    private static Pod Pod(int pod)
    {
        var app = $"web-{pod / PodsPerNamespace}";
        var container = new Container
        {
            Name = "nginx", Image = "registry.example.com/team/nginx:1.27.3", ImagePullPolicy = "IfNotPresent", TerminationMessagePath = "/dev/termination-log", TerminationMessagePolicy = "File",
            Ports = [new ContainerPort { Port = 80, Protocol = "TCP" }],
            Env = [new EnvVar { Name = "LISTEN", Value = "0.0.0.0:80" }, new EnvVar { Name = "UPSTREAM", Value = $"http://backend.{NamespaceOf(pod)}.svc.cluster.local:8080" }],
            Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m"), ["memory"] = Quantity.Parse("128Mi") } },
            VolumeMounts = [new VolumeMount { Name = "kube-api-access", MountPath = "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly = true }],
        };
        return new Pod
        {
            Metadata = Meta(NameOf(pod), NamespaceOf(pod)) with
            {
                GenerateName = $"{app}-7c5ddbdf54-", Labels = new Dictionary<string, string> { ["app"] = app, ["pod-template-hash"] = "7c5ddbdf54" }, ManagedFields = Managers,
            },
            Spec = new PodSpec
            {
                NodeName = $"node-{pod % Nodes}", RestartPolicy = "Always", DnsPolicy = "ClusterFirst", SchedulerName = "default-scheduler", TerminationGracePeriodSeconds = 30,
                ServiceAccountName = "default", ServiceAccount = "default", EnableServiceLinks = true, SecurityContext = new PodSecurityContext(), Containers = [container],
                Tolerations =
                [
                    new Toleration { Key = "node.kubernetes.io/not-ready", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 300 },
                    new Toleration { Key = "node.kubernetes.io/unreachable", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 300 },
                ],
            },
            Status = new PodStatus
            {
                Phase = "Running", HostIP = $"172.16.{pod % Nodes / 256}.{pod % Nodes % 256}", PodIP = $"10.64.{pod / 250 % 256}.{pod % 250 + 1}", StartTime = Time, QosClass = "Burstable",
                Conditions = [.. new[] { "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled" }
                    .Select(type => new PodCondition { Type = type, Status = "True", LastTransitionTime = Time })],
                ContainerStatuses =
                [
                    new ContainerStatus
                    {
                        Name = "nginx", Ready = true, Started = true, RestartCount = 0, Image = container.Image, ImageID = "sha256:" + new string('a', 64), ContainerID = $"runc://{pod:x64}",
                        State = new ContainerState { Running = new ContainerStateRunning { StartedAt = Time } },
                    },
                ],
            },
        };
    }

    /// <summary>Those of kube-controller-manager and of a kubelet, as the API server keeps them.</summary>
    private static readonly IReadOnlyList<ManagedFieldsEntry> Managers =
    [
        Manager("kube-controller-manager", null, """{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app":{},"f:pod-template-hash":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"nginx\"}":{".":{},"f:env":{".":{},"k:{\"name\":\"LISTEN\"}":{".":{},"f:name":{},"f:value":{}},"k:{\"name\":\"UPSTREAM\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{".":{},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}"""),
        Manager("kubelet", "status", """{"f:status":{"f:conditions":{"k:{\"type\":\"ContainersReady\"}":{".":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},"k:{\"type\":\"Initialized\"}":{".":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},"k:{\"type\":\"Ready\"}":{".":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:startTime":{}}}"""),
    ];

    private static ManagedFieldsEntry Manager(string name, string? subresource, string fields) => new()
    {
        Manager = name, Operation = "Update", ApiVersion = "v1", Time = Time, FieldsType = "FieldsV1", FieldsV1 = FieldsV1.Of(System.Text.Encoding.UTF8.GetBytes(fields)), Subresource = subresource,
    };
}
