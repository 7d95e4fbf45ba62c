using System.Net;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.LoadBalancers;

/// <summary>
/// Gives every Service of type LoadBalancer without a class an address of the pool, and takes it back (the part of
/// Kubernetes' service controller that a cloud provider does elsewhere). Who answers for the address is the nodes' business.
/// What a Service shows in its status is what it has: there is no other record.
/// </summary>
internal sealed class LoadBalancerController(ApiClient client, SharedInformers informers, AddressPool pool, EventRecorder events, Action<string> log)
    : Controller("service-controller", log)
{
    /// <summary>Keeps a Service from vanishing before its address is free (k8s.io/cloud-provider service/helpers).</summary>
    public const string Finalizer = "service.kubernetes.io/load-balancer-cleanup";

    /// <summary>The pool that the Service's address is of. Nodes answer for the addresses of Services with this mark only.</summary>
    public const string PoolAnnotation = "nodeagent/load-balancer-pool";

    private readonly CacheExpectations expectations = new();
    private readonly HeldAddresses held = new();
    private readonly Dictionary<string, string> problems = [];
    private bool rebuilt;

    public override void Watch() => informers.Services.Changed += (old, updated) =>
    {
        if (new[] { old, updated }.Any(service => service?.Spec?.Type == "LoadBalancer" || service is not null && IsMarked(service))) Queue.Add((updated ?? old)!.Key);
    };

    /// <summary>One at a time: two must not choose the same address.</summary>
    public override Task Run(CancellationToken cancel) => Queue.Run(Reconcile, (key, e) => Log($"{Name}: {key}: {e.Message}"), workers: 1, cancel);

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (expectations.IsBehind(key, informers.Services.Revision))
        {
            Queue.AddAfter(key, CatchUp);
            return;
        }
        if (!rebuilt) held.Rebuild(informers.Services.Items);
        rebuilt = true;
        var service = informers.Services.Get(key);
        if (service is not null && AddressChoice.Wants(service)) await Ensure(service, cancel);
        else await Release(key, service, cancel);
    }

    private async Task Ensure(Service service, CancellationToken cancel)
    {
        var choice = AddressChoice.Of(service.Spec!, held.Of(service), pool, address => held.OtherHolder(address, service));
        Tell(service, choice.Problem);
        if (choice.Address is not { } address)
        {
            if (IsMarked(service)) await Withdraw(service, cancel); // it has one of a pool that is no more
            return;
        }
        if (held.Hold(service, address)) WakeWaiting();
        var range = pool.RangeOf(address)!;
        var marked = HasFinalizer(service) && service.Metadata.Annotations?.GetValueOrDefault(PoolAnnotation) == range;
        if (marked && IsShown(service, address)) return;
        events.Normal(Name, service, "EnsuringLoadBalancer", "Ensuring load balancer");
        if (!marked) service = await Mark(service, [.. service.Metadata.Finalizers ?? [], .. HasFinalizer(service) ? Array.Empty<string>() : [Finalizer]], range, cancel);
        await Show(service, [new LoadBalancerIngress { Ip = $"{address}", IpMode = "VIP" }], cancel);
        events.Normal(Name, service, "EnsuredLoadBalancer", "Ensured load balancer");
        Log($"{Name}: {service.Key} has {address}");
    }

    /// <param name="service">Null: it is gone.</param>
    private async Task Release(string key, Service? service, CancellationToken cancel)
    {
        // Of a Service with a class, or while there is no pool, the finalizer may be another controller's.
        if (service is not null && (IsMarked(service) || HasFinalizer(service) && !pool.IsEmpty && service.Spec?.LoadBalancerClass is null))
        {
            events.Normal(Name, service, "DeletingLoadBalancer", "Deleting load balancer");
            await Mark(service, Without(service.Metadata.Finalizers), null, cancel);
            events.Normal(Name, service, "DeletedLoadBalancer", "Deleted load balancer");
        }
        problems.Remove(key);
        if (service is null) expectations.Forget(key);
        if (held.Release(key)) WakeWaiting();
    }

    private async Task Withdraw(Service service, CancellationToken cancel)
    {
        await Release(service.Key, await Show(service, [], cancel), cancel);
    }

    /// <param name="range">Null takes the mark off.</param>
    private async Task<Service> Mark(Service service, IReadOnlyList<string> finalizers, string? range, CancellationToken cancel)
    {
        var patch = new { metadata = new { uid = service.Metadata.Uid, resourceVersion = service.Metadata.ResourceVersion, finalizers, annotations = new Dictionary<string, string?> { [PoolAnnotation] = range } } };
        try
        {
            var marked = await client.MergePatch<Service>(service.Namespace, service.Name, patch, cancel);
            expectations.Wrote(service.Key, marked.Metadata.ResourceVersion);
            return marked;
        }
        catch (ApiException e) when (e.IsNotFound && range is null) { return service; }
    }

    private async Task<Service> Show(Service service, IReadOnlyList<LoadBalancerIngress> ingress, CancellationToken cancel)
    {
        var patch = new { metadata = new { uid = service.Metadata.Uid }, status = new { loadBalancer = new { ingress } } };
        var shown = await client.MergePatch<Service>(service.Namespace, service.Name, patch, cancel, "status");
        expectations.Wrote(service.Key, shown.Metadata.ResourceVersion);
        return shown;
    }

    /// <summary>Once, until it is another one.</summary>
    private void Tell(Service service, string? problem)
    {
        if (problem is null)
        {
            problems.Remove(service.Key);
            return;
        }
        if (problems.GetValueOrDefault(service.Key) == problem) return;
        problems[service.Key] = problem;
        events.Warning(Name, service, "SyncLoadBalancerFailed", $"Error syncing load balancer: failed to ensure load balancer: {problem}");
    }

    private void WakeWaiting()
    {
        foreach (var waiting in problems.Keys) Queue.Add(waiting);
    }

    private static bool IsShown(Service service, IPAddress address) =>
        service.Status?.LoadBalancer?.Ingress is [{ Hostname: null or "", IpMode: "VIP" } shown] && shown.Ip == $"{address}";

    private static bool IsMarked(Service service) => service.Metadata.Annotations?.ContainsKey(PoolAnnotation) == true;

    private static bool HasFinalizer(Service service) => service.Metadata.Finalizers?.Contains(Finalizer) == true;

    private static IReadOnlyList<string> Without(IReadOnlyList<string>? finalizers) => [.. (finalizers ?? []).Where(finalizer => finalizer != Finalizer)];
}
