using KubeApi.Objects;

namespace KubeApi;

/// <summary>
/// Which changes nodes must bring into their kernels, and somebody waits to hear that they did. All others (a label, a condition, the
/// time of a change) count as programmed when the next such change is, or when a node reports anyway. Node and control plane must not differ.
/// </summary>
public static class RoutingChange
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>The spec or a load balancer's addresses. A Service that is gone has nobody who waits.</summary>
    public static bool Of(Service? before, Service? after) =>
        after is not null && (before is null || !SameSpec(before, after) || !Same(before.Status?.LoadBalancer, after.Status?.LoadBalancer));

    /// <summary>Everything but metadata; also that a slice is gone, for its Service is there still.</summary>
    public static bool Of(EndpointSlice? before, EndpointSlice? after) =>
        before is null || after is null || ServiceOf(before) != ServiceOf(after) || before.Metadata.Generation is null || before.Metadata.Generation != after.Metadata.Generation;

    /// <summary>Services from before they had a generation do not tell by it.</summary>
    private static bool SameSpec(Service before, Service after) =>
        before.Metadata.Generation is { } generation ? generation == after.Metadata.Generation : Same(before.Spec, after.Spec);

    private static bool Same(object? a, object? b) =>
        ReferenceEquals(a, b) || a is not null && b is not null && KubeJson.Serialize(a).AsSpan().SequenceEqual(KubeJson.Serialize(b));

    private static string? ServiceOf(EndpointSlice slice) => slice.Metadata.Labels?.GetValueOrDefault(ServiceNameLabel);
}
