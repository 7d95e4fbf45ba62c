using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A check that the node makes on a container again and again.</summary>
[ApiType("io.k8s.api.core.v1.Probe")]
[ProtobufInline(1)]
public sealed record Probe
{
    /// <summary>Seconds between the start of the container and the first check. Default: 0.</summary>
    [Field(2)]
    public int? InitialDelaySeconds { get; init; }

    /// <summary>Seconds after which a check counts as failed. Default: 1.</summary>
    [Field(3)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>Seconds between two checks. Default: 10.</summary>
    [Field(4)]
    public int? PeriodSeconds { get; init; }

    /// <summary>How many checks in a row must succeed after a failure; 1 for liveness and startup. Default: 1.</summary>
    [Field(5)]
    public int? SuccessThreshold { get; init; }

    /// <summary>How many checks in a row must fail. Default: 3.</summary>
    [Field(6)]
    public int? FailureThreshold { get; init; }

    /// <summary>Seconds that the container gets to end when this probe failed, at least 1. Default: as the pod says.</summary>
    [Field(7)]
    public long? TerminationGracePeriodSeconds { get; init; }

    /// <summary>Runs a command in the container; exit code 0 is a success.</summary>
    [Field(1, Inline = true)]
    public ExecAction? Exec { get; init; }

    /// <summary>Sends a GET request; a status from 200 to 399 is a success.</summary>
    [Field(2, Inline = true)]
    public HTTPGetAction? HttpGet { get; init; }

    /// <summary>Opens a TCP connection.</summary>
    [Field(3, Inline = true)]
    public TCPSocketAction? TcpSocket { get; init; }

    /// <summary>Asks the gRPC health service.</summary>
    [Field(4, Inline = true)]
    public GRPCAction? Grpc { get; init; }
}

/// <summary>What to do just after a container's start and just before its end.</summary>
[ApiType("io.k8s.api.core.v1.Lifecycle")]
public sealed record Lifecycle
{
    /// <summary>Done right after the start. If it fails, the container is ended.</summary>
    [Field(1)]
    public LifecycleHandler? PostStart { get; init; }

    /// <summary>Done before the container is ended, but not if it ends by itself; its time counts into the grace period.</summary>
    [Field(2)]
    public LifecycleHandler? PreStop { get; init; }

    /// <summary>Signal that ends the container instead of that of the image, e.g. SIGQUIT. Needs spec.os.name.</summary>
    [Field(3)]
    public string? StopSignal { get; init; }
}

/// <summary>One action of a container's lifecycle.</summary>
[ApiType("io.k8s.api.core.v1.LifecycleHandler")]
public sealed record LifecycleHandler
{
    /// <summary>Runs a command in the container.</summary>
    [Field(1)]
    public ExecAction? Exec { get; init; }

    /// <summary>Sends a GET request.</summary>
    [Field(2)]
    public HTTPGetAction? HttpGet { get; init; }

    /// <summary>Not supported; kept for older clients.</summary>
    [Field(3)]
    public TCPSocketAction? TcpSocket { get; init; }

    /// <summary>Waits for some seconds.</summary>
    [Field(4)]
    public SleepAction? Sleep { get; init; }
}

/// <summary>Runs a command in the container; exit code 0 is success.</summary>
[ApiType("io.k8s.api.core.v1.ExecAction")]
public sealed record ExecAction
{
    /// <summary>Program and arguments. They are not given to a shell. Exit code 0 is a success.</summary>
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Command { get; init; }
}

/// <summary>Asks for a path over HTTP; a code from 200 to 399 is success.</summary>
[ApiType("io.k8s.api.core.v1.HTTPGetAction")]
public sealed record HTTPGetAction
{
    /// <summary>Path of the URL. Default: /.</summary>
    [Field(1)]
    public string? Path { get; init; }

    /// <summary>Number of the port, or its name in the container.</summary>
    [Field(2, Required = true)]
    public IntOrString Port { get; init; }

    /// <summary>Host that is connected to. Default: the address of the pod.</summary>
    [Field(3)]
    public string? Host { get; init; }

    /// <summary>HTTP or HTTPS; certificates are not checked. Default: HTTP.</summary>
    [Field(4)]
    public string? Scheme { get; init; }

    /// <summary>Further headers of the request.</summary>
    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<HTTPHeader>? HttpHeaders { get; init; }
}

/// <summary>A header to send with an HTTP check.</summary>
[ApiType("io.k8s.api.core.v1.HTTPHeader")]
public sealed record HTTPHeader
{
    /// <summary>Name of the header.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Value of the header.</summary>
    [Field(2, Required = true)]
    public string Value { get; init; } = "";
}

/// <summary>Opens a TCP connection; being accepted is success.</summary>
[ApiType("io.k8s.api.core.v1.TCPSocketAction")]
public sealed record TCPSocketAction
{
    /// <summary>Number of the port, or its name in the container.</summary>
    [Field(1, Required = true)]
    public IntOrString Port { get; init; }

    /// <summary>Host that is connected to. Default: the address of the pod.</summary>
    [Field(2)]
    public string? Host { get; init; }
}

/// <summary>Asks the gRPC health service of the container.</summary>
[ApiType("io.k8s.api.core.v1.GRPCAction")]
public sealed record GRPCAction
{
    /// <summary>Number of the port.</summary>
    [Field(1, Required = true)]
    public int Port { get; init; }

    /// <summary>Name of the service in the request. Default: ''.</summary>
    [Field(2)]
    public string? Service { get; init; }
}

/// <summary>Waits a number of seconds.</summary>
[ApiType("io.k8s.api.core.v1.SleepAction")]
public sealed record SleepAction
{
    /// <summary>Seconds to wait.</summary>
    [Field(1, Required = true)]
    public long Seconds { get; init; }
}
