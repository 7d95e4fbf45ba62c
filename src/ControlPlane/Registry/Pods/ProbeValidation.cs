using ControlPlane.Registry.Validation;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for probes and lifecycle hooks (core/validation validateProbe, validateHandler).</summary>
internal static class ProbeValidation
{
    private static readonly string[] Schemes = ["HTTP", "HTTPS"];

    public static void Validate(Container container, string path, FieldErrors errors)
    {
        Probe(container.LivenessProbe, onlyOneSuccess: true, $"{path}.livenessProbe", errors);
        Probe(container.ReadinessProbe, onlyOneSuccess: false, $"{path}.readinessProbe", errors);
        Probe(container.StartupProbe, onlyOneSuccess: true, $"{path}.startupProbe", errors);
        if (container.Lifecycle?.PostStart is { } start) Handler(start.Exec, start.HttpGet, start.TcpSocket, null, start.Sleep, $"{path}.lifecycle.postStart", errors);
        if (container.Lifecycle?.PreStop is { } stop) Handler(stop.Exec, stop.HttpGet, stop.TcpSocket, null, stop.Sleep, $"{path}.lifecycle.preStop", errors);
    }

    private static void Probe(Probe? probe, bool onlyOneSuccess, string path, FieldErrors errors)
    {
        if (probe is null) return;
        Handler(probe.Exec, probe.HttpGet, probe.TcpSocket, probe.Grpc, null, path, errors);
        WorkloadValidation.NotNegative($"{path}.initialDelaySeconds", probe.InitialDelaySeconds, errors);
        WorkloadValidation.NotNegative($"{path}.timeoutSeconds", probe.TimeoutSeconds, errors);
        WorkloadValidation.NotNegative($"{path}.periodSeconds", probe.PeriodSeconds, errors);
        WorkloadValidation.NotNegative($"{path}.successThreshold", probe.SuccessThreshold, errors);
        WorkloadValidation.NotNegative($"{path}.failureThreshold", probe.FailureThreshold, errors);
        if (probe.TerminationGracePeriodSeconds is <= 0)
            errors.Invalid($"{path}.terminationGracePeriodSeconds", probe.TerminationGracePeriodSeconds, "must be greater than 0");
        if (onlyOneSuccess && probe.SuccessThreshold is > 1) errors.Invalid($"{path}.successThreshold", probe.SuccessThreshold, "must be 1");
    }

    private static void Handler(ExecAction? exec, HTTPGetAction? http, TCPSocketAction? tcp, GRPCAction? grpc, SleepAction? sleep, string path, FieldErrors errors)
    {
        var types = new (string Name, object? Action)[] { ("exec", exec), ("httpGet", http), ("tcpSocket", tcp), ("grpc", grpc), ("sleep", sleep) }
            .Where(type => type.Action is not null).ToList();
        if (types.Count == 0) errors.Required(path, "must specify a handler type");
        foreach (var (name, _) in types.Skip(1)) errors.Forbidden($"{path}.{name}", "may not specify more than 1 handler type");
        if (exec is { Command: not { Count: > 0 } }) errors.Required($"{path}.exec.command");
        if (http is not null)
        {
            if (string.IsNullOrEmpty(http.Path)) errors.Required($"{path}.httpGet.path");
            Port(http.Port, $"{path}.httpGet.port", errors);
            errors.OneOf($"{path}.httpGet.scheme", http.Scheme, Schemes);
        }
        if (tcp is not null) Port(tcp.Port, $"{path}.tcpSocket.port", errors);
        if (grpc is not null) errors.Check($"{path}.grpc.port", grpc.Port, Names.Port(grpc.Port));
    }

    internal static void Port(IntOrString port, string path, FieldErrors errors) =>
        errors.Check(path, port, port.Text is { } name ? name.Length == 0 ? "must be at least 1 character" : Names.PortName(name) : Names.Port(port.Number));
}
