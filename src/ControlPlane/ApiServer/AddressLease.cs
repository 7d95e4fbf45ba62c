using ControlPlane.Registry;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// The addresses that one write of a Service takes: kept if the write succeeds (<see cref="Keep"/>), given back when
/// this is disposed without it. Other kinds take none.
/// </summary>
internal sealed class AddressLease : IDisposable
{
    private readonly ServiceAddresses addresses;
    private readonly Service? old, allocated;
    private bool kept;

    private AddressLease(ServiceAddresses addresses, Service? old, Service? allocated, KubeObject obj) =>
        (this.addresses, this.old, this.allocated, Object) = (addresses, old, allocated, obj);

    /// <summary>The object with its addresses.</summary>
    public KubeObject Object { get; }

    /// <param name="old">The stored version; null at a create.</param>
    public static AddressLease Take(ServiceAddresses addresses, KubeObject? old, KubeObject obj, FieldErrors errors)
    {
        if (obj is not Service service) return new AddressLease(addresses, null, null, obj);
        var before = errors.Causes.Count;
        var allocated = addresses.Allocate((Service?)old, service, errors);
        // With errors nothing was taken, so there is nothing to give back.
        return new AddressLease(addresses, (Service?)old, errors.Causes.Count == before ? allocated : null, allocated);
    }

    public void Keep() => kept = true;

    public void Dispose()
    {
        if (allocated is null) return;
        if (!kept) addresses.Release(allocated, keep: old);
        else if (old is not null) addresses.Release(old, keep: allocated);
    }
}
