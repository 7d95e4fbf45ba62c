using System.Net;
using System.Net.Sockets;
using KubeApi.Objects;

namespace ControlPlane.Controllers.LoadBalancers;

/// <summary>The address that a Service is to have, and what is in the way of the one it asks for. Pure.</summary>
/// <param name="Address">Null: none, as there is no pool or no address left.</param>
/// <param name="Problem">For the Service's events; null where all is well.</param>
internal sealed record AddressChoice(IPAddress? Address, string? Problem)
{
    /// <param name="present">What it has now; kept as long as nothing speaks against it.</param>
    /// <param name="holderOf">The other Service that has an address, as namespace/name; null for a free one.</param>
    public static AddressChoice Of(ServiceSpec spec, IPAddress? present, AddressPool pool, Func<IPAddress, string?> holderOf)
    {
        if (pool.IsEmpty) return new(null, null); // somebody else's Services, perhaps
        if (present is not null && (!pool.Contains(present) || holderOf(present) is not null)) present = null;
        if (spec.LoadBalancerIP is { Length: > 0 } text)
        {
            if (!IPAddress.TryParse(text, out var wanted) || wanted.AddressFamily != AddressFamily.InterNetwork) return new(present, $"loadBalancerIP \"{text}\" is not an IPv4 address");
            if (!pool.Contains(wanted)) return new(present, $"loadBalancerIP {wanted} is not in the pool {pool}");
            return holderOf(wanted) is { } holder ? new(present, $"loadBalancerIP {wanted} is already allocated to {holder}") : new(wanted, null);
        }
        var address = present ?? pool.FirstFree(free => holderOf(free) is not null);
        return new(address, address is null ? $"no address left in the pool {pool}" : null);
    }

    /// <summary>A Service that this controller serves: those with a class are for somebody else.</summary>
    public static bool Wants(Service service) => service is { Metadata.DeletionTimestamp: null, Spec: { Type: "LoadBalancer", LoadBalancerClass: null } };

    /// <summary>The address that a Service shows to the world.</summary>
    public static IPAddress? Shown(Service service) =>
        service.Status?.LoadBalancer?.Ingress is [{ Ip: { } text }, ..] && IPAddress.TryParse(text, out var address) ? address : null;
}
