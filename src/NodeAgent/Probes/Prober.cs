using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;

namespace NodeAgent.Probes;

/// <summary>Probes the containers of a node.</summary>
internal sealed class Prober(OciRuntime runtime, KubeletEvents events, Action<string> log)
{
    private readonly ExecProbe exec = new(runtime);
    private readonly DateTime begun = DateTime.UtcNow;

    /// <summary>As <see cref="ProbeStart"/>: disposing ends it.</summary>
    public IDisposable Start(ProbedContainer container) =>
        new ContainerProbes(container, adopted: container.Record.StartedAt < begun, (kind, probe, cancel) => Check(container, kind, probe, cancel), log);

    /// <summary>One check, within its time; what it finds amiss becomes an event.</summary>
    /// <exception cref="OperationCanceledException">Nobody wants the result any more.</exception>
    private async Task<ProbeResult> Check(ProbedContainer target, ProbeKind kind, Probe probe, CancellationToken cancel)
    {
        var outcome = await Check(target, probe, cancel);
        var about = outcome.Result switch
        {
            ProbeResult.Warning => ("ProbeWarning", "warning"),
            ProbeResult.Failure => ("Unhealthy", "failed"),
            ProbeResult.Unknown => ("Unhealthy", "errored and resulted in unknown state"),
            _ => default,
        };
        if (about is var (reason, words) && reason is not null && !cancel.IsCancellationRequested)
            events.Record(target.Pod, target.Container, "Warning", reason, $"{kind} probe {words}: {outcome.Output}");
        cancel.ThrowIfCancellationRequested();
        return outcome.Result;
    }

    private async Task<ProbeOutcome> Check(ProbedContainer target, Probe probe, CancellationToken cancel)
    {
        var timeout = ProbeSchedule.Timeout(probe);
        try
        {
            if (probe.Exec is { } command) return await exec.Check(command, target.Record.Id, timeout, cancel);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(timeout);
            if (probe.HttpGet is { } http) return await HttpProbe.Check(http, target.Container, target.Address, limit.Token);
            if (probe.TcpSocket is { } tcp) return await TcpProbe.Check(tcp, target.Container, target.Address, limit.Token);
            if (probe.Grpc is { } grpc) return await GrpcProbe.Check(grpc, target.Address, timeout, limit.Token);
            return ProbeOutcome.Unknown($"missing probe handler for {target.Pod.Name}_{target.Pod.Namespace}({target.Pod.Metadata.Uid}):{target.Container.Name}");
        }
        catch (BadProbeException e) { return ProbeOutcome.Unknown(e.Message); }
    }
}
