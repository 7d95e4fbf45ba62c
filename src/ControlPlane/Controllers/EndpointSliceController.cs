using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Keeps the EndpointSlices of every Service that has a selector.</summary>
internal sealed class EndpointSliceController
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>The key of the Service that a slice is of, or null.</summary>
    public static string? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels?.GetValueOrDefault(ServiceNameLabel) is { } name ? $"{slice.Namespace}/{name}" : null;
}
