using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Forgets Events an hour after they last happened (kube-apiserver --event-ttl), so that they do not pile up.</summary>
internal sealed class EventExpiry(ObjectStore store)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1), Period = TimeSpan.FromMinutes(1);

    /// <summary>Until cancelled.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel)) await Expire(DateTime.UtcNow);
        }
        catch (OperationCanceledException) { }
    }

    public async Task Expire(DateTime now)
    {
        foreach (var stored in store.Snapshot.List("events").Where(stored => LastSeen((Event)stored.Object) < now - Lifetime).ToList())
        {
            try { await store.Delete(stored.Key, stored.Revision); }
            catch (StoreException) { } // it happened again just now, or the disk is full: next time
        }
    }

    private static DateTime LastSeen(Event e) =>
        new[] { e.Series?.LastObservedTime, e.LastTimestamp, e.EventTime, e.Metadata.CreationTimestamp }.Max() ?? DateTime.MinValue;
}
