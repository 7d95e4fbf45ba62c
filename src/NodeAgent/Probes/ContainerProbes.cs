using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace NodeAgent.Probes;

/// <summary>As they are named in events.</summary>
internal enum ProbeKind { Startup, Liveness, Readiness }

/// <summary>
/// The probes of one running container, each a loop without a thread of its own. The others wait for startup; a
/// container that failed startup or liveness is not checked for that again: it is to be ended.
/// </summary>
internal sealed class ContainerProbes : IDisposable
{
    private readonly ProbedContainer target;
    private readonly bool adopted;
    private readonly Func<ProbeKind, Probe, CancellationToken, Task<ProbeResult>> check;
    private readonly Action<string> log;
    private readonly CancellationTokenSource end = new();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock state = new();
    private ContainerHealth health;

    /// <param name="adopted">An earlier agent has started the container: <see cref="ProbedContainer.Health"/> is what it found.</param>
    public ContainerProbes(ProbedContainer target, bool adopted, Func<ProbeKind, Probe, CancellationToken, Task<ProbeResult>> check, Action<string> log)
    {
        (this.target, this.adopted, this.check, this.log, health) = (target, adopted, check, log, target.Health);
        if (health.Started) started.SetResult();
        else if (target.Container.StartupProbe is { } startup) _ = Run(ProbeKind.Startup, startup);
        if (target.Container.LivenessProbe is { } liveness) _ = Run(ProbeKind.Liveness, liveness);
        if (target.Container.ReadinessProbe is { } readiness) _ = Run(ProbeKind.Readiness, readiness);
    }

    public void Dispose() => end.Cancel();

    private async Task Run(ProbeKind kind, Probe probe)
    {
        try
        {
            if (kind != ProbeKind.Startup) await started.Task.WaitAsync(end.Token);
            // A decided restart survives the agent; what is left to do is not the probes'.
            if (kind != ProbeKind.Readiness && target.Health.Failed is not null) return;
            await Task.Delay(FirstCheck(kind, probe), end.Token);
            using var timer = new PeriodicTimer(ProbeSchedule.Period(probe));
            var threshold = new ProbeThreshold(probe);
            do
            {
                if (kind != ProbeKind.Readiness && target.Ending()) return;
                if (threshold.Count(await check(kind, probe, end.Token)) is { } passed && !Apply(kind, probe, passed)) return;
            }
            while (await timer.WaitForNextTickAsync(end.Token));
        }
        catch (OperationCanceledException) { }
        catch (Exception e) { log($"{kind} probe of {target.Pod.Key}/{target.Container.Name} ended: {e}"); }
    }

    private TimeSpan FirstCheck(ProbeKind kind, Probe probe)
    {
        var startedAt = target.Record.StartedAt ?? DateTime.UtcNow;
        var settled = kind == ProbeKind.Liveness || (adopted && health.Ready);
        return ProbeSchedule.FirstCheck(probe, startedAt, settled, DateTime.UtcNow, Random.Shared.NextDouble());
    }

    /// <returns>False if this probe has done its work.</returns>
    private bool Apply(ProbeKind kind, Probe probe, bool passed)
    {
        lock (state)
        {
            var before = health;
            health = (kind, passed) switch
            {
                (ProbeKind.Readiness, _) => health with { Ready = passed },
                (ProbeKind.Startup, true) => health with { Started = true, Ready = target.Container.ReadinessProbe is null },
                (_, false) => health with { Failed = new FailedProbe(kind == ProbeKind.Startup ? "startup" : "liveness", probe.TerminationGracePeriodSeconds) },
                _ => health,
            };
            if (health != before) target.Changed(health);
        }
        if (kind == ProbeKind.Startup && passed) started.TrySetResult();
        return kind == ProbeKind.Readiness || (kind == ProbeKind.Liveness && passed);
    }
}
