using System.Net;
using KubeApi.Objects;

namespace ControlPlane.Controllers.LoadBalancers;

/// <summary>Which Service has which address, by uid: a Service made anew under the same name is another one. Not safe for concurrent use.</summary>
internal sealed class HeldAddresses
{
    private readonly Dictionary<IPAddress, (string Uid, string Key)> holders = [];
    private readonly Dictionary<string, (string Uid, IPAddress Address)> byKey = [];

    /// <summary>What stored Services show is theirs; of two that show the same the older one has it.</summary>
    public void Rebuild(IEnumerable<Service> services)
    {
        foreach (var service in services.Where(AddressChoice.Wants).OrderBy(service => service.Metadata.CreationTimestamp).ThenBy(service => service.Key, StringComparer.Ordinal))
            if (AddressChoice.Shown(service) is { } address && !holders.ContainsKey(address)) Hold(service, address);
    }

    public IPAddress? Of(Service service) => byKey.TryGetValue(service.Key, out var held) && held.Uid == service.Metadata.Uid ? held.Address : null;

    /// <summary>The other Service that has the address; null if nobody else does.</summary>
    public string? OtherHolder(IPAddress address, Service than) => holders.TryGetValue(address, out var holder) && holder.Uid != than.Metadata.Uid ? holder.Key : null;

    /// <returns>Another address was given back for it.</returns>
    public bool Hold(Service service, IPAddress address)
    {
        if (address.Equals(Of(service))) return false;
        var released = Release(service.Key);
        holders[address] = (service.Metadata.Uid ?? "", service.Key);
        byKey[service.Key] = (service.Metadata.Uid ?? "", address);
        return released;
    }

    /// <returns>It had one.</returns>
    public bool Release(string key) => byKey.Remove(key, out var held) && holders.Remove(held.Address);
}
