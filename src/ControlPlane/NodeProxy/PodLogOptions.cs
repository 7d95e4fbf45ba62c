using System.Globalization;
using ControlPlane.ApiServer;
using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.NodeProxy;

/// <summary>The query of <c>pods/NAME/log</c> (API type PodLogOptions), checked, and as it is passed on to the node.</summary>
/// <param name="Container">Empty where the client named none.</param>
/// <param name="Query">What the node is to be asked for.</param>
internal sealed record PodLogOptions(string Container, string Query)
{
    private static readonly string[] Streams = ["All", "Stderr", "Stdout"];

    /// <exception cref="StatusException">400: a value is none of its kind; 422: one that cannot be.</exception>
    public static PodLogOptions Of(ApiRequest request)
    {
        var (seconds, time, tail, limit, stream) = (request.Number("sinceSeconds"), Time(request), request.Number("tailLines"), request.Number("limitBytes"), request.Query("stream"));
        var errors = new FieldErrors();
        if (tail < 0) errors.Invalid("tailLines", tail, "must be greater than or equal to 0");
        if (limit < 1) errors.Invalid("limitBytes", limit, "must be greater than 0");
        if (seconds is not null && time is not null) errors.Forbidden("<nil>", "at most one of `sinceTime` or `sinceSeconds` may be specified");
        else if (seconds < 1) errors.Invalid("sinceSeconds", seconds, "must be greater than 0");
        if (stream is not null && !Streams.Contains(stream)) errors.NotSupported("stream", stream, Streams);
        if (stream is not (null or "All") && tail is not null) errors.Forbidden("<nil>", "`tailLines` and specific `stream` are mutually exclusive for now");
        if (errors.Any) throw StatusException.Invalid("", "PodLogOptions", request.Name, errors.Causes);
        // In the order in which Go's url.Values writes them.
        (string Name, string? Value)[] parts =
        [
            ("follow", Flag(request, "follow")), ("limitBytes", limit?.ToString(CultureInfo.InvariantCulture)), ("previous", Flag(request, "previous")),
            ("sinceSeconds", seconds?.ToString(CultureInfo.InvariantCulture)), ("sinceTime", time), ("stream", stream),
            ("tailLines", tail?.ToString(CultureInfo.InvariantCulture)), ("timestamps", Flag(request, "timestamps")),
        ];
        return new PodLogOptions(request.Query("container") ?? "",
            string.Join('&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}")));
    }

    private static string? Flag(ApiRequest request, string name) => request.Flag(name) ? "true" : null;

    /// <exception cref="StatusException">400: no RFC 3339.</exception>
    private static string? Time(ApiRequest request)
    {
        if (request.Query("sinceTime") is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) && text.Contains('T') ? text
            : throw StatusException.BadRequest($"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\"");
    }

    /// <summary>The container that is meant.</summary>
    /// <exception cref="StatusException">400: there is none such, or one must be named.</exception>
    public string ContainerOf(Pod pod)
    {
        var spec = pod.Spec ?? new PodSpec();
        List<string> names =
        [
            .. (spec.InitContainers ?? []).Select(container => container.Name), .. spec.Containers.Select(container => container.Name),
            .. (spec.EphemeralContainers ?? []).Select(container => container.Name),
        ];
        if (Container.Length > 0) return names.Contains(Container) ? Container : throw StatusException.BadRequest($"container {Container} is not valid for pod {pod.Name}");
        return spec.Containers.Count == 1 ? spec.Containers[0].Name
            : throw StatusException.BadRequest($"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', names)}]");
    }
}
