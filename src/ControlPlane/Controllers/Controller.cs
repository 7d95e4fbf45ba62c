using KubeApi;

namespace ControlPlane.Controllers;

/// <summary>
/// The loop that all controllers share: events queue keys, workers reconcile one key at a time from the caches, and
/// what fails is tried again with growing delays.
/// </summary>
internal abstract class Controller(string name, Action<string> log)
{
    /// <summary>How soon to look again when the cache does not show an own write yet.</summary>
    protected static readonly TimeSpan CatchUp = TimeSpan.FromMilliseconds(3);

    protected WorkQueue<string> Queue { get; } = new();

    protected string Name => name;

    protected Action<string> Log => log;

    /// <summary>Subscribes to the informers; call before they run. A listener only queues keys.</summary>
    public abstract void Watch();

    /// <summary>Makes the cluster agree with the object under <paramref name="key"/>, which may be gone.</summary>
    protected abstract Task Reconcile(string key, CancellationToken cancel);

    /// <summary>Works until cancelled; start it when every informer has listed.</summary>
    public virtual Task Run(CancellationToken cancel) =>
        Queue.Run(Reconcile, (key, e) => log($"{name}: {key}: {e.Message}"), workers: 4, cancel);

    /// <summary>A condition's lastTransitionTime: it moves only when the status does.</summary>
    protected static DateTime? TransitionTime(string? oldStatus, DateTime? oldTime, string status, DateTime now) =>
        oldStatus == status ? oldTime : now;
}
