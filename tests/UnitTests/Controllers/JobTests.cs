using System.Net;
using ControlPlane;
using ControlPlane.Controllers;
using ControlPlane.Controllers.Jobs;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

/// <summary>Waits a tenth of a second after a failed pod instead of ten.</summary>
public sealed class BriskCluster : ControlledCluster
{
    private protected override ControllerOptions Options => base.Options with { JobPodFailureBackoff = TimeSpan.FromMilliseconds(100) };
}

public class JobTests(BriskCluster cluster) : IClassFixture<BriskCluster>
{
    private readonly ApiClient api = cluster.Api;

    private static Job Job(string ns, JobSpec spec) => new()
    {
        Metadata = new ObjectMeta { Name = "work", Namespace = ns },
        Spec = spec with { Template = new PodTemplateSpec { Spec = new PodSpec { RestartPolicy = "Never", Containers = [new Container { Name = "main", Image = "busybox" }] } } },
    };

    private Task End(Pod pod, string phase, int exitCode = 0) => api.MergePatch<Pod>(pod.Namespace, pod.Name, new
    {
        status = new
        {
            phase, containerStatuses = new[] { new { name = "main", image = "busybox", imageID = "", ready = false, restartCount = 0, state = new { terminated = new { exitCode, finishedAt = DateTime.UtcNow } } } },
        },
    }, default, "status");

    private Task<Job> Until(string ns, Func<JobStatus, bool> holds) => cluster.Until(() => api.Get<Job>(ns, "work", default), job => job.Status is { } status && holds(status));

    private static bool Has(JobStatus status, string type) => JobConditions.Held(status, type) is not null;

    [Fact]
    public async Task A_job_runs_its_pods_to_the_end_and_counts_them()
    {
        var ns = await cluster.Namespace();
        await api.Create(Job(ns, new JobSpec { Completions = 3, Parallelism = 2 }), default);
        for (var ended = 0; ended < 3; ended++)
        {
            var pods = await cluster.UntilPods(ns, pods => pods.Count == Math.Min(2, 3 - ended) && pods.All(pod => pod.Status?.Phase == "Running"));
            await End(pods[0], "Succeeded");
            var counted = ended + 1;
            await Until(ns, status => status.Succeeded == counted);
        }
        var job = await Until(ns, status => Has(status, "Complete"));
        Assert.Equal((3, null, null), (job.Status!.Succeeded, job.Status.Failed, job.Status.Active));
        Assert.NotNull(job.Status.CompletionTime);
        await cluster.Until(() => cluster.List<Pod>(ns), pods => pods.Count == 3 && pods.All(pod => pod.Metadata.Finalizers is null or { Count: 0 }));
        await cluster.Until(() => cluster.List<Event>(ns), events => events.Any(e => e is { Reason: "Completed", Message: "Job completed" }));
        await api.Delete<Job>(ns, "work", default, new DeleteOptions { PropagationPolicy = "Background" });
        await cluster.Until(() => cluster.List<Pod>(ns), pods => pods.Count == 0);
    }

    [Fact]
    public async Task Failures_are_tried_again_until_the_limit()
    {
        var ns = await cluster.Namespace();
        await api.Create(Job(ns, new JobSpec { BackoffLimit = 1 }), default);
        for (var i = 0; i < 2; i++) await End((await cluster.UntilPods(ns, pods => pods.Count == 1 && pods[0].Status?.Phase == "Running"))[0], "Failed", 1);
        var job = await Until(ns, status => Has(status, "Failed"));
        Assert.Equal((2, null), (job.Status!.Failed, job.Status.CompletionTime));
        Assert.Equal("BackoffLimitExceeded", JobConditions.End(job)!.Reason);
    }

    [Fact]
    public async Task An_indexed_job_completes_each_index()
    {
        var ns = await cluster.Namespace();
        await api.Create(Job(ns, new JobSpec { Completions = 3, Parallelism = 3, CompletionMode = "Indexed" }), default);
        var pods = await cluster.UntilPods(ns, pods => pods.Count == 3 && pods.All(pod => pod.Status?.Phase == "Running"));
        Assert.Equal(["0", "1", "2"], pods.Select(pod => pod.Metadata.Annotations![JobPods.Index]).Order());
        await End(pods[0], "Failed", 1);
        var again = await cluster.UntilPods(ns, now => now.Count == 3 && now.All(pod => pod.Status?.Phase == "Running"));
        foreach (var pod in again) await End(pod, "Succeeded");
        var job = await Until(ns, status => Has(status, "Complete"));
        Assert.Equal(("0-2", 3, 1), (job.Status!.CompletedIndexes, job.Status.Succeeded, job.Status.Failed));
    }

    [Fact]
    public async Task A_suspended_job_waits_and_one_with_a_time_to_live_goes()
    {
        var ns = await cluster.Namespace();
        await api.Create(Job(ns, new JobSpec { Suspend = true, TtlSecondsAfterFinished = 1 }), default);
        await Until(ns, status => Has(status, "Suspended") && status.StartTime is null);
        Assert.Empty(await cluster.List<Pod>(ns));
        await api.MergePatch<Job>(ns, "work", new { spec = new { suspend = false } }, default);
        await End((await cluster.UntilPods(ns, pods => pods.Count == 1 && pods[0].Status?.Phase == "Running"))[0], "Succeeded");
        await cluster.UntilGone<Job>(ns, "work");
        await cluster.Until(() => cluster.List<Pod>(ns), pods => pods.Count == 0);
    }

    [Fact]
    public async Task The_deadline_takes_the_pods_away()
    {
        var ns = await cluster.Namespace();
        await api.Create(Job(ns, new JobSpec { ActiveDeadlineSeconds = 1 }), default);
        var job = await Until(ns, status => Has(status, "Failed"));
        Assert.Equal("DeadlineExceeded", JobConditions.End(job)!.Reason);
        await cluster.Until(() => cluster.List<Pod>(ns), pods => pods.All(pod => !JobPods.IsTracked(pod)));
    }

    [Fact]
    public async Task An_orphaned_pod_is_not_held_back()
    {
        var ns = await cluster.Namespace();
        await api.Create(Job(ns, new JobSpec()), default);
        await cluster.UntilPods(ns, pods => pods.Count == 1);
        await api.Delete<Job>(ns, "work", default, new DeleteOptions { PropagationPolicy = "Orphan" });
        await cluster.UntilGone<Job>(ns, "work");
        var pod = (await cluster.Until(() => cluster.List<Pod>(ns), pods => pods.Count == 1 && !JobPods.IsTracked(pods[0])))[0];
        Assert.Null(Ownership.ControllerOf(pod));
    }

    /// <summary>The controllers stop wherever they are, dozens of times, while pods end: no end is counted twice or not at all.</summary>
    [Fact]
    public async Task Counting_is_exact_however_often_the_controllers_are_stopped()
    {
        const int Completions = 60;
        using var directory = new TemporaryDirectory();
        await using var host = await ControlPlaneHost.Start(new ControlPlaneOptions(directory.Path, new IPEndPoint(IPAddress.Loopback, 0), null, IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16"),
            NullLoggerFactory.Instance, CancellationToken.None);
        ApiClient Client() => new(host.Authority.CreateKubeconfig($"https://127.0.0.1:{host.Address.Port}", "admin", "system:masters"), "test");
        using var client = Client();
        await client.Create(Job("default", new JobSpec { Completions = Completions, Parallelism = 8, BackoffLimit = 10_000 }), default);
        using var over = new CancellationTokenSource();
        var failures = 0;
        var ending = Task.Run(async () =>
        {
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                foreach (var pod in (await client.List<Pod>(new ListOptions("default"), default)).Items.Where(PodState.IsActive))
                {
                    var phase = i++ % 5 == 0 ? "Failed" : "Succeeded";
                    try { await client.MergePatch<Pod>("default", pod.Name, new { metadata = new { uid = pod.Metadata.Uid }, status = new { phase } }, default, "status"); }
                    catch (ApiException e) when (e.IsNotFound) { continue; }
                    if (phase == "Failed") failures++;
                }
                await Task.Delay(5);
            }
        });
        var job = await client.Get<Job>("default", "work", default);
        for (var round = 0; round < 2000 && JobConditions.End(job) is null; round++)
        {
            using var killed = new CancellationTokenSource(TimeSpan.FromMilliseconds(round % 4 == 3 ? 400 : 40 + Random.Shared.Next(150)));
            using var controllers = Client();
            await ControllerHost.Run(controllers, controllers, new ControllerOptions { JobPodFailureBackoff = TimeSpan.FromMilliseconds(1) }, _ => { }, killed.Token);
            job = await client.Get<Job>("default", "work", default);
        }
        await over.CancelAsync();
        await ending;
        var pods = (await client.List<Pod>(new ListOptions("default"), default)).Items;
        Assert.NotNull(JobConditions.End(job));
        Assert.Equal((Completions, pods.Count(pod => pod.Status?.Phase == "Succeeded")), (job.Status!.Succeeded, job.Status.Succeeded ?? 0));
        Assert.Equal((failures, pods.Count(pod => pod.Status?.Phase == "Failed")), (job.Status.Failed ?? 0, job.Status.Failed ?? 0));
    }
}
