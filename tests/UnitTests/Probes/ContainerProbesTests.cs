using System.Collections.Concurrent;
using KubeApi.Objects;
using NodeAgent.Kubelet;
using NodeAgent.Probes;

namespace UnitTests.Probes;

public class ContainerProbesTests
{
    private static readonly Probe Fast = new() { PeriodSeconds = 1, FailureThreshold = 2 };

    private readonly ConcurrentQueue<ContainerHealth> changes = new();
    private readonly ConcurrentQueue<ProbeKind> checks = new();
    private readonly ConcurrentDictionary<ProbeKind, ProbeResult> results = new();
    private volatile bool ending;

    [Fact]
    public async Task The_others_wait_for_startup_and_readiness_follows_it()
    {
        results[ProbeKind.Startup] = ProbeResult.Failure;
        using var probes = Start(new Container { StartupProbe = Fast with { FailureThreshold = 1000 }, LivenessProbe = Fast, ReadinessProbe = Fast });
        await Until(() => checks.Count >= 2);
        Assert.All(checks, kind => Assert.Equal(ProbeKind.Startup, kind));
        Assert.Empty(changes);
        results[ProbeKind.Startup] = ProbeResult.Success;
        await Until(() => changes.Count == 2);
        Assert.Equal([new ContainerHealth(true, false), new ContainerHealth(true, true)], changes);
        await Until(() => checks.Contains(ProbeKind.Liveness));
    }

    [Fact]
    public async Task A_container_without_readiness_probe_is_ready_once_started()
    {
        using var probes = Start(new Container { StartupProbe = Fast });
        await Until(() => changes.Count == 1);
        Assert.Equal([new ContainerHealth(true, true)], changes);
        await Task.Delay(1500);
        Assert.Single(checks); // and startup is not checked again
    }

    [Theory]
    [InlineData(true, "startup")]
    [InlineData(false, "liveness")]
    public async Task A_failure_is_told_once_with_the_probes_own_grace_period(bool startup, string kind)
    {
        results[ProbeKind.Startup] = results[ProbeKind.Liveness] = ProbeResult.Failure;
        var probe = Fast with { TerminationGracePeriodSeconds = 7 };
        using var probes = Start(startup ? new Container { StartupProbe = probe } : new Container { LivenessProbe = probe });
        await Until(() => changes.Count == 1);
        Assert.Equal(new FailedProbe(kind, 7), changes.Single().Failed);
        await Task.Delay(1500);
        Assert.Equal(2, checks.Count);
    }

    [Fact]
    public async Task Readiness_comes_and_goes()
    {
        using var probes = Start(new Container { ReadinessProbe = Fast });
        await Until(() => changes.Count == 1);
        results[ProbeKind.Readiness] = ProbeResult.Failure;
        await Until(() => changes.Count == 2);
        results[ProbeKind.Readiness] = ProbeResult.Success;
        await Until(() => changes.Count == 3);
        Assert.Equal([true, false, true], changes.Select(health => health.Ready));
    }

    [Fact]
    public async Task An_adopted_container_stays_ready_until_enough_checks_fail()
    {
        results[ProbeKind.Readiness] = ProbeResult.Unknown;
        using var probes = Start(new Container { ReadinessProbe = Fast }, new ContainerHealth(true, true), adopted: true);
        await Until(() => checks.Count >= 2);
        Assert.Empty(changes);
        results[ProbeKind.Readiness] = ProbeResult.Failure;
        await Until(() => changes.Count == 1);
        Assert.False(changes.Single().Ready);
    }

    [Fact]
    public async Task While_the_pod_ends_only_readiness_is_checked()
    {
        ending = true;
        results[ProbeKind.Liveness] = ProbeResult.Failure;
        using var probes = Start(new Container { LivenessProbe = Fast with { FailureThreshold = 1 }, ReadinessProbe = Fast });
        await Until(() => checks.Count >= 2);
        Assert.All(checks, kind => Assert.Equal(ProbeKind.Readiness, kind));
    }

    [Fact]
    public async Task Nothing_is_checked_after_the_end()
    {
        var probes = Start(new Container { ReadinessProbe = Fast });
        await Until(() => !checks.IsEmpty);
        probes.Dispose();
        var before = checks.Count;
        await Task.Delay(1500);
        Assert.InRange(checks.Count, before, before + 1);
    }

    private ContainerProbes Start(Container container, ContainerHealth? health = null, bool adopted = false)
    {
        var record = new ContainerRecord { Name = "c", Id = "id", Image = "i", ImageDigest = "d", StartedAt = DateTime.UtcNow };
        var target = new ProbedContainer(new Pod { Metadata = new ObjectMeta { Name = "p", Namespace = "default" } }, container, record, "127.0.0.1",
            health ?? ContainerHealth.AtStart(container), changes.Enqueue) { Ending = () => ending };
        return new ContainerProbes(target, adopted, (kind, _, _) =>
        {
            checks.Enqueue(kind);
            return Task.FromResult(results.GetValueOrDefault(kind, ProbeResult.Success));
        }, Assert.Fail);
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var end = DateTime.UtcNow.AddSeconds(30); !condition(); await Task.Delay(20)) Assert.True(DateTime.UtcNow < end, "not within 30 s");
    }
}
