using KubeApi.Objects;

namespace KubeApi.Defaults;

/// <summary>What a container means where it is silent.</summary>
public static class ContainerDefaults
{
    public static Container Apply(Container container, bool hostNetwork) => container with
    {
        ImagePullPolicy = PodSpecDefaults.Or(container.ImagePullPolicy, PullPolicy(container.Image)),
        Resources = container.Resources ?? new ResourceRequirements(),
        TerminationMessagePath = PodSpecDefaults.Or(container.TerminationMessagePath, "/dev/termination-log"),
        TerminationMessagePolicy = PodSpecDefaults.Or(container.TerminationMessagePolicy, "File"),
        Ports = container.Ports?.Select(port => Port(port, hostNetwork)).ToList(),
        Env = container.Env?.Select(Env).ToList(),
        LivenessProbe = Probe(container.LivenessProbe),
        ReadinessProbe = Probe(container.ReadinessProbe),
        StartupProbe = Probe(container.StartupProbe),
        Lifecycle = container.Lifecycle is not { } lifecycle ? null : lifecycle with
        {
            PostStart = Handler(lifecycle.PostStart),
            PreStop = Handler(lifecycle.PreStop),
        },
    };

    /// <summary><c>Always</c> for images without a tag or with <c>:latest</c>; a digest never changes.</summary>
    public static string PullPolicy(string? image)
    {
        if (image is null || image.Contains('@')) return "IfNotPresent";
        var name = image[(image.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':');
        return colon < 0 || name[(colon + 1)..] == "latest" ? "Always" : "IfNotPresent";
    }

    private static ContainerPort Port(ContainerPort port, bool hostNetwork) => port with
    {
        Protocol = PodSpecDefaults.Or(port.Protocol, "TCP"),
        HostPort = hostNetwork && port.HostPort is null or 0 ? port.Port : port.HostPort,
    };

    private static EnvVar Env(EnvVar env) => env.ValueFrom is not { } source ? env : env with
    {
        ValueFrom = source with
        {
            FieldRef = source.FieldRef is { } field ? field with { ApiVersion = PodSpecDefaults.Or(field.ApiVersion, "v1") } : null,
            ResourceFieldRef = source.ResourceFieldRef is { } resource ? resource with { Divisor = resource.Divisor ?? default(Quantity) } : null,
        },
    };

    private static Probe? Probe(Probe? probe) => probe is null ? null : probe with
    {
        TimeoutSeconds = OrDefault(probe.TimeoutSeconds, 1),
        PeriodSeconds = OrDefault(probe.PeriodSeconds, 10),
        SuccessThreshold = OrDefault(probe.SuccessThreshold, 1),
        FailureThreshold = OrDefault(probe.FailureThreshold, 3),
        HttpGet = HttpGet(probe.HttpGet),
        Grpc = probe.Grpc is { } grpc ? grpc with { Service = grpc.Service ?? "" } : null,
    };

    private static int OrDefault(int? value, int otherwise) => value is null or 0 ? otherwise : value.Value;

    private static LifecycleHandler? Handler(LifecycleHandler? handler) => handler is null ? null : handler with { HttpGet = HttpGet(handler.HttpGet) };

    private static HTTPGetAction? HttpGet(HTTPGetAction? get) => get is null ? null : get with
    {
        Path = PodSpecDefaults.Or(get.Path, "/"),
        Scheme = PodSpecDefaults.Or(get.Scheme, "HTTP"),
    };
}
