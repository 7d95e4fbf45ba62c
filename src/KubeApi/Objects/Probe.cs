using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A check that the node makes on a container again and again.</summary>
[ApiType("io.k8s.api.core.v1.Probe")]
[ProtobufInline(1)]
public sealed record Probe
{
    [Field(2)]
    public int? InitialDelaySeconds { get; init; }

    [Field(3)]
    public int? TimeoutSeconds { get; init; }

    [Field(4)]
    public int? PeriodSeconds { get; init; }

    [Field(5)]
    public int? SuccessThreshold { get; init; }

    [Field(6)]
    public int? FailureThreshold { get; init; }

    [Field(7)]
    public long? TerminationGracePeriodSeconds { get; init; }

    [Field(1, Inline = true)]
    public ExecAction? Exec { get; init; }

    [Field(2, Inline = true)]
    public HTTPGetAction? HttpGet { get; init; }

    [Field(3, Inline = true)]
    public TCPSocketAction? TcpSocket { get; init; }

    [Field(4, Inline = true)]
    public GRPCAction? Grpc { get; init; }
}

/// <summary>What to do just after a container's start and just before its end.</summary>
[ApiType("io.k8s.api.core.v1.Lifecycle")]
public sealed record Lifecycle
{
    [Field(1)]
    public LifecycleHandler? PostStart { get; init; }

    [Field(2)]
    public LifecycleHandler? PreStop { get; init; }

    [Field(3)]
    public string? StopSignal { get; init; }
}

/// <summary>One action of a container's lifecycle.</summary>
[ApiType("io.k8s.api.core.v1.LifecycleHandler")]
public sealed record LifecycleHandler
{
    [Field(1)]
    public ExecAction? Exec { get; init; }

    [Field(2)]
    public HTTPGetAction? HttpGet { get; init; }

    [Field(3)]
    public TCPSocketAction? TcpSocket { get; init; }

    [Field(4)]
    public SleepAction? Sleep { get; init; }
}

/// <summary>Runs a command in the container; exit code 0 is success.</summary>
[ApiType("io.k8s.api.core.v1.ExecAction")]
public sealed record ExecAction
{
    [Field(1, List = ListType.Atomic)]
    public IReadOnlyList<string>? Command { get; init; }
}

/// <summary>Asks for a path over HTTP; a code from 200 to 399 is success.</summary>
[ApiType("io.k8s.api.core.v1.HTTPGetAction")]
public sealed record HTTPGetAction
{
    [Field(1)]
    public string? Path { get; init; }

    [Field(2, Required = true)]
    public IntOrString Port { get; init; }

    [Field(3)]
    public string? Host { get; init; }

    [Field(4)]
    public string? Scheme { get; init; }

    [Field(5, List = ListType.Atomic)]
    public IReadOnlyList<HTTPHeader>? HttpHeaders { get; init; }
}

/// <summary>A header to send with an HTTP check.</summary>
[ApiType("io.k8s.api.core.v1.HTTPHeader")]
public sealed record HTTPHeader
{
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    [Field(2, Required = true)]
    public string Value { get; init; } = "";
}

/// <summary>Opens a TCP connection; being accepted is success.</summary>
[ApiType("io.k8s.api.core.v1.TCPSocketAction")]
public sealed record TCPSocketAction
{
    [Field(1, Required = true)]
    public IntOrString Port { get; init; }

    [Field(2)]
    public string? Host { get; init; }
}

/// <summary>Asks the gRPC health service of the container.</summary>
[ApiType("io.k8s.api.core.v1.GRPCAction")]
public sealed record GRPCAction
{
    [Field(1, Required = true)]
    public int Port { get; init; }

    [Field(2)]
    public string? Service { get; init; }
}

/// <summary>Waits a number of seconds.</summary>
[ApiType("io.k8s.api.core.v1.SleepAction")]
public sealed record SleepAction
{
    [Field(1, Required = true)]
    public long Seconds { get; init; }
}
