using ControlPlane.Controllers.Certificates;
using ControlPlane.Controllers.DaemonSets;
using ControlPlane.Controllers.Disruption;
using ControlPlane.Controllers.Jobs;
using ControlPlane.Controllers.LoadBalancers;
using ControlPlane.Controllers.Programmed;
using ControlPlane.Scheduler;
using KubeApi;

namespace ControlPlane.Controllers;

/// <summary>Composes all controllers and the scheduler around one set of informers.</summary>
internal static class ControllerHost
{
    /// <summary>Runs until cancelled. While the server cannot be reached it waits and goes on when it is back.</summary>
    /// <param name="client">An ordinary client with the rights of all controllers (roles <c>system:controller:…</c>).</param>
    /// <param name="scheduler">Another one, with those of the scheduler (role <c>system:kube-scheduler</c>).</param>
    /// <param name="log">Takes one line each.</param>
    public static async Task Run(ApiClient client, ApiClient scheduler, ControllerOptions options, Action<string> log, CancellationToken cancel)
    {
        var informers = new SharedInformers(client, log);
        var (events, decisions) = (new EventRecorder(client, log), new EventRecorder(scheduler, log));
        var (needed, reports) = (new NeededRevisions(), new NodeReports());
        var listening = new ListeningTime(TimeProvider.System);
        var heartbeats = new NodeHeartbeats(listening, options.NodeMonitor.GracePeriod, options.NodeMonitor.StartupGracePeriod);
        heartbeats.Watch(informers);
        needed.Watch(informers); // before the controllers that ask them
        reports.Watch(informers);
        Controller[] controllers =
        [
            new NamespaceController(client, informers, options, log),
            new ClusterRoleAggregationController(client, informers, log),
            new BootstrapTokenController(client, informers, log),
            new CertificateApprover(client, informers, log),
            .. options.Authority is { } authority ? [new CertificateSigner(client, informers, authority, options, log)] : Array.Empty<Controller>(),
            new CertificateCleaner(client, informers, log),
            new PodCidrController(client, informers, new PodCidrs(options.ClusterCidr, options.NodeMaskSize), events, log),
            new NodeLifecycleController(client, informers, listening, heartbeats, options.NodeMonitor, events, log),
            new TaintEvictionController(client, informers, options, events, log),
            new PodGarbageController(client, informers, options, log),
            new ReplicationControllerController(client, informers, events, log),
            new ReplicaSetController(client, informers, events, log),
            new DaemonSetController(client, informers, events, log),
            new JobController(client, informers, options, events, log),
            new DeploymentController(client, informers, events, log),
            new DisruptionController(client, informers, events, log),
            new EndpointsController(client, informers, log),
            new DnsEndpointsController(client, informers, log),
            new EndpointSliceController(client, informers, log),
            new EndpointSliceMirroringController(client, informers, events, log),
            new LoadBalancerController(client, informers, options.LoadBalancerPool, events, log),
            new ServiceProgrammedController(client, informers, needed, reports, options.ProgrammedPatience, log),
            new PodWithdrawalController(client, informers, needed, reports, events, log),
            new GarbageCollector(client, informers, events, log),
            new PodScheduler(scheduler, informers, decisions, log),
        ];
        foreach (var controller in controllers) controller.Watch();

        // All listen before the informers run, and none works before every informer has listed.
        var watching = informers.Run(cancel);
        await Task.WhenAny(informers.Synced, watching);
        options.Begun?.Invoke();
        await AllOrNone([watching, events.Run(cancel), decisions.Run(cancel), .. controllers.Select(controller => controller.Run(cancel))]);
    }

    /// <summary>A part that fails ends the whole, loudly: half a control plane would look healthy and do nothing.</summary>
    private static async Task AllOrNone(IReadOnlyList<Task> parts)
    {
        await await Task.WhenAny(parts);
        await Task.WhenAll(parts);
    }
}
