using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.Admission;

/// <summary>
/// The service account <c>default</c> of a new namespace, made with it, so that a pod can follow at once; should it be
/// lost, a controller makes it again.
/// </summary>
internal static class DefaultServiceAccount
{
    /// <exception cref="StoreException">The disk is full.</exception>
    public static async Task CreateIn(ObjectStore store, string ns)
    {
        var account = new ServiceAccount
        {
            Metadata = new ObjectMeta { Name = "default", Namespace = ns, Uid = Guid.NewGuid().ToString(), CreationTimestamp = DateTime.UtcNow },
        };
        try { await store.Create(new StoreKey("serviceaccounts", ns, "default"), account); }
        catch (StoreException e) when (e.Fault == StoreFault.Exists) { } // the controller was faster
    }
}
