using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>The Endpoints object (core/v1) of a Service: the older form of its EndpointSlices, one object for all.</summary>
internal static class EndpointsPlan
{
    private const string ManagedByLabel = "endpoints.kubernetes.io/managed-by", ManagedBy = "endpoint-controller";

    public const string OverCapacity = "endpoints.kubernetes.io/over-capacity";

    /// <summary>More addresses than this are left out and the object says so; slices have no such limit.</summary>
    public const int MaxAddresses = 1000;

    /// <summary>Made by this controller, not by hand.</summary>
    public static bool IsOurs(Endpoints endpoints) => endpoints.Metadata.Labels?.GetValueOrDefault(ManagedByLabel) == ManagedBy;

    /// <param name="old">The present object, or null.</param>
    /// <param name="changedAt">What an object that changes says as the time of the change (see <see cref="TriggerTimes"/>); null for nothing.</param>
    /// <returns>The wanted object; the same reference as <paramref name="old"/> if nothing changes.</returns>
    public static Endpoints Compute(Service service, IReadOnlyList<ServiceEndpoint> members, Endpoints? old, DateTime? changedAt = null)
    {
        var published = service.Spec?.PublishNotReadyAddresses == true;
        // A pod that resolves none of the ports is no endpoint; only a headless Service can do without ports.
        var present = members.Where(member => (published || !member.Terminating) && (member.Ports.Count > 0 || ServiceEndpoint.IsHeadless(service) && service.Spec?.Ports is not { Count: > 0 }))
            .OrderByDescending(member => member.Ready).ToList();
        var subsets = present.Take(MaxAddresses).GroupBy(member => CanonicalJson.Of(member.Ports)).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Subset(service, group.ToList(), published)).ToList();

        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>()) { [ManagedByLabel] = ManagedBy };
        if (ServiceEndpoint.IsHeadless(service)) labels[EndpointSlicePlan.HeadlessLabel] = "";
        var annotations = new Dictionary<string, string>(old?.Metadata.Annotations ?? new Dictionary<string, string>());
        annotations.Remove(OverCapacity);
        if (present.Count > MaxAddresses) annotations[OverCapacity] = "truncated";

        var wanted = old ?? new Endpoints { Metadata = new ObjectMeta { Name = service.Name, Namespace = service.Namespace } };
        wanted = wanted with { Metadata = wanted.Metadata with { Labels = labels, Annotations = annotations }, Subsets = subsets };
        return old is not null && CanonicalJson.Same(old, wanted) ? old : TriggerTimes.Stamp(wanted, changedAt);
    }

    private static EndpointSubset Subset(Service service, IReadOnlyList<ServiceEndpoint> members, bool published)
    {
        var addresses = members.OrderBy(member => member.Address, StringComparer.Ordinal).ToLookup(member => published || member.Ready, member => new EndpointAddress
        {
            Ip = member.Address, NodeName = member.Pod.Spec?.NodeName, TargetRef = member.TargetRef, Hostname = member.HostnameWithin(service),
        });
        return new EndpointSubset
        {
            Addresses = [.. addresses[true]], NotReadyAddresses = [.. addresses[false]],
            Ports = members[0].Ports.Select(port => new EndpointPort
            {
                Name = string.IsNullOrEmpty(port.Name) ? null : port.Name, Port = port.Port ?? 0, Protocol = port.Protocol, AppProtocol = port.AppProtocol,
            }).ToList(),
        };
    }
}
