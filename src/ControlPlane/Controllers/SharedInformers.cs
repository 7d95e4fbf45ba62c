using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>One local copy of the cluster's objects, shared by all controllers and the scheduler, with the indexes they need.</summary>
internal sealed class SharedInformers
{
    private readonly ApiClient client;
    private readonly Action<string> log;
    private readonly Dictionary<Type, (object Informer, Func<CancellationToken, Task> Run, Task Synced)> all = [];
    private bool running;

    public SharedInformers(ApiClient client, Action<string> log)
    {
        (this.client, this.log) = (client, log);
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

    /// <summary>The one informer of a kind; made when it is first asked for, which must be before <see cref="Run"/>.</summary>
    public Informer<T> Of<T>() where T : KubeObject
    {
        if (all.TryGetValue(typeof(T), out var known)) return (Informer<T>)known.Informer;
        if (running) throw new InvalidOperationException($"nobody asked for {Resource.Of<T>().QualifiedName} before the informers ran");
        var informer = new Informer<T>(client, log, keep: WithoutManagers);
        all.Add(typeof(T), (informer, informer.Run, informer.Synced));
        return informer;
    }

    /// <summary>Who set which field is as long as the object itself, and no controller asks; a write without it leaves it as it is.</summary>
    private static T WithoutManagers<T>(T obj) where T : KubeObject =>
        obj.Metadata.ManagedFields is null ? obj : obj with { Metadata = obj.Metadata with { ManagedFields = null } };

    public Informer<Namespace> Namespaces => Of<Namespace>();
    public Informer<Node> Nodes => Of<Node>();
    public Informer<Lease> Leases => Of<Lease>();
    public Informer<Pod> Pods => Of<Pod>();
    public Informer<ReplicationController> ReplicationControllers => Of<ReplicationController>();
    public Informer<ReplicaSet> ReplicaSets => Of<ReplicaSet>();
    public Informer<Deployment> Deployments => Of<Deployment>();
    public Informer<Service> Services => Of<Service>();
    public Informer<Endpoints> Endpoints => Of<Endpoints>();
    public Informer<EndpointSlice> EndpointSlices => Of<EndpointSlice>();
    public Informer<ConfigMap> ConfigMaps => Of<ConfigMap>();
    public Informer<Secret> Secrets => Of<Secret>();
    public Informer<ServiceAccount> ServiceAccounts => Of<ServiceAccount>();

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
    public Task Synced => Task.WhenAll(all.Values.Select(informer => informer.Synced));

    public Task Run(CancellationToken cancel)
    {
        running = true;
        return Task.WhenAll(all.Values.Select(informer => informer.Run(cancel)));
    }
}
