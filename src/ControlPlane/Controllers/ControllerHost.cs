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
        var replicationControllers = new ReplicationControllerController(client, informers, events, log);
        var replicaSets = new ReplicaSetController(client, informers, events, log);
        replicationControllers.Watch();
        replicaSets.Watch();

        var watching = informers.Run(cancel);
        await Task.WhenAny(informers.Synced, watching);
        await AllOrNone([watching, events.Run(cancel), replicationControllers.Run(cancel), replicaSets.Run(cancel)]);
    }

    /// <summary>A part that fails ends the whole, loudly: half a control plane would look healthy and do nothing.</summary>
    private static async Task AllOrNone(IReadOnlyList<Task> parts)
    {
        await await Task.WhenAny(parts);
        await Task.WhenAll(parts);
    }
}
