using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>One local copy of the cluster's objects, shared by all controllers and the scheduler, with the indexes they need.</summary>
internal sealed class SharedInformers
{
    private readonly List<(Func<CancellationToken, Task> Run, Task Synced)> all = [];

    public SharedInformers(ApiClient client, Action<string> log)
    {
        Informer<T> Start<T>() where T : KubeObject
        {
            var informer = new Informer<T>(client, log);
            all.Add((informer.Run, informer.Synced));
            return informer;
        }

        Namespaces = Start<Namespace>();
        Nodes = Start<Node>();
        Leases = Start<Lease>();
        Pods = Start<Pod>();
        ReplicationControllers = Start<ReplicationController>();
        ReplicaSets = Start<ReplicaSet>();
        Deployments = Start<Deployment>();
        Services = Start<Service>();
        Endpoints = Start<Endpoints>();
        EndpointSlices = Start<EndpointSlice>();
        ConfigMaps = Start<ConfigMap>();
        Secrets = Start<Secret>();
        ServiceAccounts = Start<ServiceAccount>();

        PodsByController = new(Pods, pod => Ownership.ControllerOf(pod) is { } owner ? [owner.Uid] : []);
        OrphanPods = new(Pods, pod => Ownership.ControllerOf(pod) is null ? [pod.Namespace] : []);
        PodsByNamespace = new(Pods, pod => [pod.Namespace]);
        PodsByNode = new(Pods, pod => pod.Spec?.NodeName is { Length: > 0 } node ? [node] : []);
        ReplicaSetsByController = new(ReplicaSets, set => Ownership.ControllerOf(set) is { } owner ? [owner.Uid] : []);
        OrphanReplicaSets = new(ReplicaSets, set => Ownership.ControllerOf(set) is null ? [set.Namespace] : []);
        ReplicaSetsByNamespace = new(ReplicaSets, set => [set.Namespace]);
        ReplicationControllersByNamespace = new(ReplicationControllers, controller => [controller.Namespace]);
        DeploymentsByNamespace = new(Deployments, deployment => [deployment.Namespace]);
        ServicesByNamespace = new(Services, service => [service.Namespace]);
        SlicesByService = new(EndpointSlices, slice => EndpointSliceController.ServiceOf(slice) is { } service ? [service] : []);
    }

    public Informer<Namespace> Namespaces { get; }
    public Informer<Node> Nodes { get; }
    public Informer<Lease> Leases { get; }
    public Informer<Pod> Pods { get; }
    public Informer<ReplicationController> ReplicationControllers { get; }
    public Informer<ReplicaSet> ReplicaSets { get; }
    public Informer<Deployment> Deployments { get; }
    public Informer<Service> Services { get; }
    public Informer<Endpoints> Endpoints { get; }
    public Informer<EndpointSlice> EndpointSlices { get; }
    public Informer<ConfigMap> ConfigMaps { get; }
    public Informer<Secret> Secrets { get; }
    public Informer<ServiceAccount> ServiceAccounts { get; }

    /// <summary>By the uid of the controlling owner.</summary>
    public ObjectIndex<Pod> PodsByController { get; }

    /// <summary>By namespace: pods that nobody controls, candidates for adoption.</summary>
    public ObjectIndex<Pod> OrphanPods { get; }

    public ObjectIndex<Pod> PodsByNamespace { get; }

    public ObjectIndex<Pod> PodsByNode { get; }

    /// <summary>By the uid of the controlling owner.</summary>
    public ObjectIndex<ReplicaSet> ReplicaSetsByController { get; }

    /// <summary>By namespace: ReplicaSets that nobody controls, candidates for adoption.</summary>
    public ObjectIndex<ReplicaSet> OrphanReplicaSets { get; }

    public ObjectIndex<ReplicaSet> ReplicaSetsByNamespace { get; }

    public ObjectIndex<ReplicationController> ReplicationControllersByNamespace { get; }

    public ObjectIndex<Deployment> DeploymentsByNamespace { get; }

    public ObjectIndex<Service> ServicesByNamespace { get; }

    /// <summary>By the key (namespace/name) of the Service that a slice is of.</summary>
    public ObjectIndex<EndpointSlice> SlicesByService { get; }

    /// <summary>Done when every informer has listed: no controller works before.</summary>
    public Task Synced => Task.WhenAll(all.Select(informer => informer.Synced));

    public Task Run(CancellationToken cancel) => Task.WhenAll(all.Select(informer => informer.Run(cancel)));
}
