using ControlPlane.Scheduler;
using KubeApi;

namespace ControlPlane.Controllers;

/// <summary>Composes all controllers and the scheduler around one set of informers.</summary>
internal static class ControllerHost
{
    /// <summary>Runs until cancelled. While the server cannot be reached it waits and goes on when it is back.</summary>
    /// <param name="client">An ordinary client; it needs the rights of the whole control plane.</param>
    /// <param name="log">Takes one line each.</param>
    public static async Task Run(ApiClient client, ControllerOptions options, Action<string> log, CancellationToken cancel)
    {
        var informers = new SharedInformers(client, log);
        var events = new EventRecorder(client, log);
        var cidrs = new PodCidrController(client, informers, new PodCidrs(options.ClusterCidr, options.NodeMaskSize), events, log);
        var namespaces = new NamespaceController(client, informers, options, log);
        var replicationControllers = new ReplicationControllerController(client, informers, events, log);
        var replicaSets = new ReplicaSetController(client, informers, events, log);
        var deployments = new DeploymentController(client, informers, events, log);
        var endpoints = new EndpointsController(client, informers, log);
        var slices = new EndpointSliceController(client, informers, log);
        var nodes = new NodeLifecycleController(client, informers, options, events, log);
        var evictions = new TaintEvictionController(client, informers, options, events, log);
        var lostPods = new PodGarbageController(client, informers, options, log);
        var garbage = new GarbageCollector(client, informers, log);
        var scheduler = new PodScheduler(client, informers, events, log);

        // All listen before the informers run, and none works before every informer has listed.
        cidrs.Watch();
        namespaces.Watch();
        replicationControllers.Watch();
        replicaSets.Watch();
        deployments.Watch();
        endpoints.Watch();
        slices.Watch();
        nodes.Watch();
        evictions.Watch();
        lostPods.Watch();
        garbage.Watch();
        scheduler.Watch();
        var watching = informers.Run(cancel);
        await Task.WhenAny(informers.Synced, watching);
        await AllOrNone(
        [
            watching, events.Run(cancel), cidrs.Run(cancel), namespaces.Run(cancel), replicationControllers.Run(cancel), replicaSets.Run(cancel),
            deployments.Run(cancel), endpoints.Run(cancel), slices.Run(cancel), nodes.Run(cancel), evictions.Run(cancel), lostPods.Run(cancel), garbage.Run(cancel), scheduler.Run(cancel),
        ]);
    }

    /// <summary>A part that fails ends the whole, loudly: half a control plane would look healthy and do nothing.</summary>
    private static async Task AllOrNone(IReadOnlyList<Task> parts)
    {
        await await Task.WhenAny(parts);
        await Task.WhenAll(parts);
    }
}
