using KubeApi.Objects;

namespace NodeAgent.Dns;

/// <summary>
/// Follows Services and EndpointSlices and keeps the table of names; a change costs what its Service has, and is in the answers when the call
/// returns. Safe for calls from several informers.
/// </summary>
internal sealed class ClusterNames(NameTable table, byte[] domain)
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    private readonly Lock gate = new();
    private readonly ServiceNames names = new(domain);
    private readonly Dictionary<string, Service> services = [];
    private readonly Dictionary<string, Dictionary<string, EndpointSlice>> slices = [];
    private volatile bool ready;

    /// <summary>Until something is known, nobody can say that a name does not exist.</summary>
    public bool Ready => ready;

    public void Changed(Service? before, Service? after)
    {
        lock (gate) Apply(before, after);
    }

    public void Changed(EndpointSlice? before, EndpointSlice? after)
    {
        lock (gate) Apply(before, after);
    }

    /// <summary>What an earlier agent has written down, unless the API has told more by now.</summary>
    public void Restore(IReadOnlyCollection<Service> all, IReadOnlyCollection<EndpointSlice> allSlices)
    {
        lock (gate)
            if (!ready) Replace(all, allSlices);
    }

    /// <summary>These are all there are.</summary>
    public void Replace(IReadOnlyCollection<Service> all, IReadOnlyCollection<EndpointSlice> allSlices)
    {
        lock (gate)
        {
            var present = all.Select(service => service.Key).ToHashSet();
            var presentSlices = allSlices.Select(slice => slice.Key).ToHashSet();
            foreach (var gone in slices.Values.SelectMany(group => group.Values).Where(slice => !presentSlices.Contains(slice.Key)).ToList()) Apply(gone, null);
            foreach (var gone in services.Values.Where(service => !present.Contains(service.Key)).ToList()) Apply(gone, null);
            foreach (var slice in allSlices) Keep(null, slice);
            foreach (var service in all) Apply(null, service);
            ready = true;
        }
    }

    private void Apply(Service? before, Service? after)
    {
        var key = (after ?? before)!.Key;
        if (after is null) services.Remove(key);
        else services[key] = after;
        Publish(key);
    }

    private void Apply(EndpointSlice? before, EndpointSlice? after)
    {
        Keep(before, after);
        var (old, now) = (ServiceOf(before), ServiceOf(after));
        if (now is not null) Publish(now);
        if (old is not null && old != now) Publish(old);
    }

    private void Keep(EndpointSlice? before, EndpointSlice? after)
    {
        if (ServiceOf(before) is { } old && slices.TryGetValue(old, out var group) && group.Remove(before!.Key) && group.Count == 0) slices.Remove(old);
        if (ServiceOf(after) is not { } now) return;
        if (!slices.TryGetValue(now, out var own)) slices[now] = own = [];
        own[after!.Key] = after;
    }

    private void Publish(string key) =>
        table.Set(key, services.TryGetValue(key, out var service) ? names.Of(service, slices.TryGetValue(key, out var own) ? own.Values : []) : []);

    private static string? ServiceOf(EndpointSlice? slice) =>
        slice?.Metadata.Labels?.GetValueOrDefault(ServiceLabel) is { Length: > 0 } name ? $"{slice.Namespace}/{name}" : null;
}
