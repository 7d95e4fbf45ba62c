using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>Gives a new version of a Service its clusterIP and nodePorts, given all other Services; adds to the errors what cannot be had.</summary>
internal delegate Service AllocateAddresses(Service service, IEnumerable<Service> others, FieldErrors errors);

/// <summary>
/// Keeps two Services from being given the same address: what is free is read from the store, so no other Service may
/// be written between the reading and the writing.
/// </summary>
internal sealed class ServiceAllocation(AllocateAddresses allocate)
{
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Waits for the turn of a Service; other kinds need none. Dispose the result after the write.</summary>
    public async Task<IDisposable?> Turn(KindRegistry kind, CancellationToken cancel)
    {
        if (kind.Resource.Type != typeof(Service)) return null;
        await gate.WaitAsync(cancel);
        return new Held(gate);
    }

    /// <summary>Call within a <see cref="Turn"/>.</summary>
    public KubeObject Allocate(KubeObject obj, StoreSnapshot snapshot, FieldErrors errors)
    {
        if (obj is not Service service) return obj;
        var others = snapshot.List("services").Select(item => (Service)item.Object)
            .Where(other => (other.Namespace, other.Name) != (service.Namespace, service.Name));
        return allocate(service, others, errors);
    }

    private sealed class Held(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
