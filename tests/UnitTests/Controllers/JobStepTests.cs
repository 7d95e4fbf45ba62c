using ControlPlane.Controllers.Jobs;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

/// <summary>What a job does next, computed from its pods.</summary>
public class JobStepTests
{
    private static readonly JobBackoff Backoff = new(TimeSpan.FromSeconds(10));

    private static Job Job(JobSpec spec, JobStatus? status = null) => new()
    {
        Metadata = new ObjectMeta { Name = "j", Namespace = "default", Uid = "job" },
        Spec = spec with { Template = new PodTemplateSpec { Spec = (spec.Template.Spec ?? new PodSpec()) with { Containers = [new Container { Name = "main" }] } } },
        Status = status ?? new JobStatus { StartTime = Now.AddMinutes(-1) },
    };

    private static Pod Of(string name, string phase = "Running", int? index = null, bool tracked = true, int failures = 0, int? exitCode = null, int endedSecondsAgo = 60, bool deleting = false)
    {
        var pod = Pod(name, phase: phase, owner: "job", deleting: deleting);
        return pod with
        {
            Metadata = pod.Metadata with
            {
                Finalizers = tracked ? [JobPods.Tracking] : null, DeletionGracePeriodSeconds = deleting ? 30 : null,
                Annotations = index is null ? null : Labels($"{JobPods.Index}={index}", $"{JobPods.FailureCount}={failures}"),
            },
            Status = pod.Status! with
            {
                ContainerStatuses = phase is "Running" or "Pending" ? null : [new ContainerStatus
                {
                    Name = "main", State = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = exitCode ?? (phase == "Failed" ? 1 : 0), FinishedAt = Now.AddSeconds(-endedSecondsAgo) } },
                }],
            },
        };
    }

    private static JobStep Step(Job job, params Pod[] pods) => JobStep.Of(job, pods, Backoff, Now);

    private static JobSpec Plain(int? completions = 1, int parallelism = 1) => new() { Completions = completions, Parallelism = parallelism, BackoffLimit = 6, CompletionMode = "NonIndexed" };

    private static JobSpec Indexed(int completions, int parallelism, int? perIndex = null) =>
        new() { Completions = completions, Parallelism = parallelism, BackoffLimit = perIndex is null ? 6 : int.MaxValue, CompletionMode = "Indexed", BackoffLimitPerIndex = perIndex };

    private static string Conditions(JobStep step) => string.Join(' ', (step.Status.Conditions ?? []).Where(condition => condition.Status == "True").Select(condition => $"{condition.Type}/{condition.Reason}"));

    private static string Indexes(IEnumerable<Pod> pods) => string.Join(' ', pods.Select(pod => pod.Metadata.Annotations![JobPods.Index]));

    [Fact]
    public void A_pod_that_ended_is_written_down_then_freed_then_counted()
    {
        var job = Job(Plain(2));
        var first = Step(job, Of("a", "Succeeded"));
        Assert.Equal(["uid-a"], first.Status.UncountedTerminatedPods!.Succeeded!);
        Assert.Null(first.Status.Succeeded);
        Assert.Equal(["a"], first.Settled.Select(pod => pod.Name));
        Assert.Single(first.Create);

        job = job with { Status = first.Status };
        var same = Step(job, Of("a", "Succeeded")); // the finalizer is still there
        Assert.Equal(["uid-a"], same.Status.UncountedTerminatedPods!.Succeeded!);
        Assert.Null(same.Status.Succeeded);
        Assert.Equal(1, Step(job, Of("a", "Succeeded", tracked: false)).Status.Succeeded);
        Assert.Equal(1, Step(job).Status.Succeeded); // the whole pod is gone
        Assert.Empty(Step(job with { Status = Step(job).Status }, Of("a", "Succeeded", tracked: false)).Settled);
    }

    [Theory]
    [InlineData(3, 2, 0, 2)]
    [InlineData(3, 2, 2, 1)]
    [InlineData(null, 3, 0, 3)]
    [InlineData(5, 0, 0, 0)]
    public void As_many_pods_run_as_may_and_must(int? completions, int parallelism, int succeeded, int created) =>
        Assert.Equal(created, Step(Job(Plain(completions, parallelism), new JobStatus { StartTime = Now, Succeeded = succeeded })).Create.Count);

    [Fact]
    public void After_failures_the_next_pod_waits_longer_each_time()
    {
        var job = Job(Plain());
        var (one, two) = (Of("a", "Failed", tracked: false, endedSecondsAgo: 8), Of("b", "Failed", tracked: false, endedSecondsAgo: 19));
        Assert.Equal((0, Now.AddSeconds(2)), (Step(job, one).Create.Count, Step(job, one).LookAgain));
        Assert.Equal(Now.AddSeconds(12), Step(job, one, two).LookAgain);
        Assert.Single(Step(job, two).Create);
        Assert.Single(Step(Job(Plain(2)), two, one, Of("c", "Succeeded", tracked: false, endedSecondsAgo: 1)).Create); // a success ends the waiting
    }

    [Fact]
    public void More_failures_than_the_limit_end_the_job_when_nothing_runs_any_more()
    {
        var job = Job(Plain(parallelism: 2) with { BackoffLimit = 0 });
        var step = Step(job, Of("a", "Failed"), Of("b"));
        Assert.Equal("FailureTarget/BackoffLimitExceeded", Conditions(step));
        Assert.Equal(["b"], step.Delete.Select(pod => pod.Name));
        Assert.Empty(step.Create);
        step = Step(job with { Status = step.Status }, Of("a", "Failed", tracked: false), Of("b", "Failed"));
        Assert.Equal("FailureTarget/BackoffLimitExceeded", Conditions(step));
        step = Step(job with { Status = step.Status }, Of("a", "Failed", tracked: false), Of("b", "Failed", tracked: false));
        Assert.Equal("FailureTarget/BackoffLimitExceeded Failed/BackoffLimitExceeded", Conditions(step));
        Assert.Equal((2, null), (step.Status.Failed, step.Status.CompletionTime));
        Assert.Equal([("Warning", "BackoffLimitExceeded", "Job has reached the specified backoff limit")], step.Events);
    }

    [Fact]
    public void Restarts_in_the_pod_count_as_failures()
    {
        var job = Job(Plain() with { BackoffLimit = 2, Template = new PodTemplateSpec { Spec = new PodSpec { RestartPolicy = "OnFailure" } } });
        Pod Restarted(int count) => Of("a") with { Status = new PodStatus { Phase = "Running", ContainerStatuses = [new ContainerStatus { Name = "main", RestartCount = count }] } };
        Assert.Equal("", Conditions(Step(job, Restarted(1))));
        Assert.Equal("FailureTarget/BackoffLimitExceeded", Conditions(Step(job, Restarted(2))));
    }

    [Fact]
    public void Enough_successes_complete_the_job()
    {
        var job = Job(Plain(), new JobStatus { StartTime = Now.AddMinutes(-1), Succeeded = 1 });
        var step = Step(job);
        Assert.Equal("SuccessCriteriaMet/CompletionsReached Complete/CompletionsReached", Conditions(step));
        Assert.Equal(Now, step.Status.CompletionTime);
        Assert.Equal("SuccessCriteriaMet/CompletionsReached", Conditions(Step(job, Of("b")))); // one too many still runs
    }

    [Fact]
    public void The_deadline_ends_a_job()
    {
        var job = Job(Plain() with { ActiveDeadlineSeconds = 90 });
        Assert.Equal((Now.AddSeconds(30), ""), (Step(job, Of("a")).LookAgain, Conditions(Step(job, Of("a")))));
        Assert.Equal("FailureTarget/DeadlineExceeded", Conditions(Step(Job(Plain() with { ActiveDeadlineSeconds = 60 }), Of("a"))));
    }

    [Fact]
    public void A_suspended_job_has_no_pods_and_starts_anew()
    {
        var job = Job(Plain() with { Suspend = true, ActiveDeadlineSeconds = 1 });
        var step = Step(job, Of("a"));
        Assert.Equal(("Suspended/JobSuspended", "a", "a"), (Conditions(step), step.Delete.Single().Name, step.Dropped.Single().Name));
        job = job with { Spec = job.Spec! with { Suspend = false }, Status = step.Status };
        step = Step(job, Of("a", tracked: false, deleting: true));
        Assert.Equal(("", Now, 1, 0), (Conditions(step), step.Status.StartTime, step.Create.Count, step.Status.Failed ?? 0));
        Assert.Equal([("Normal", "Resumed", "Job resumed")], step.Events);
    }

    [Fact]
    public void Each_index_gets_one_pod_that_knows_it()
    {
        var step = Step(Job(Indexed(5, 3)), Of("a", index: 0), Of("b", "Succeeded", index: 2));
        Assert.Equal("1 3", Indexes(step.Create));
        Assert.Equal(("2", 1), (step.Status.CompletedIndexes, step.Status.Succeeded));
        var pod = step.Create[0];
        Assert.Equal(("j-1-", "j-1", "1"), (pod.Metadata.GenerateName, pod.Spec!.Hostname, pod.Metadata.Labels![JobPods.Index]));
        Assert.Equal(("JOB_COMPLETION_INDEX", "1"), (pod.Spec.Containers[0].Env!.Single().Name, pod.Spec.Containers[0].Env!.Single().Value));
        Assert.Equal(["twice"], Step(Job(Indexed(5, 3)), Of("a", index: 0), Of("twice", index: 0) with { }).Delete.Select(p => p.Name));
    }

    [Fact]
    public void An_index_that_fails_too_often_fails_by_itself()
    {
        var job = Job(Indexed(2, 2, perIndex: 1));
        var step = Step(job, Of("a", "Failed", index: 0), Of("b", index: 1));
        Assert.Equal(("0", "1", ""), (Indexes(step.Create), step.Create[0].Metadata.Annotations![JobPods.FailureCount], step.Status.FailedIndexes));
        Assert.Empty(step.Settled); // it stays until its replacement carries the count on
        step = Step(job, Of("a", "Failed", index: 0), Of("c", "Failed", index: 0, failures: 1), Of("b", index: 1));
        Assert.Equal(("0", 0, 2), (step.Status.FailedIndexes, step.Create.Count, step.Settled.Count));
        step = Step(job with { Status = step.Status }, Of("b", "Succeeded", index: 1));
        Assert.Equal("FailureTarget/FailedIndexes", Conditions(step));
        var strict = job with { Spec = job.Spec! with { MaxFailedIndexes = 0 } };
        Assert.Equal("FailureTarget/MaxFailedIndexesExceeded", Conditions(Step(strict, Of("c", "Failed", index: 0, failures: 1), Of("b", index: 1))));
    }

    [Fact]
    public void The_failure_policy_decides_what_a_failure_means()
    {
        var policy = new PodFailurePolicy
        {
            Rules =
            [
                new PodFailurePolicyRule { Action = "FailJob", OnExitCodes = new PodFailurePolicyOnExitCodesRequirement { Operator = "In", Values = [42] } },
                new PodFailurePolicyRule { Action = "Ignore", OnPodConditions = [new PodFailurePolicyOnPodConditionsPattern { Type = "DisruptionTarget", Status = "True" }] },
            ],
        };
        var job = Job(Plain() with { PodFailurePolicy = policy });
        var step = Step(job, Of("a", "Failed", exitCode: 42));
        Assert.Equal("Container main for pod default/a failed with exit code 42 matching FailJob rule at index 0", step.Status.Conditions!.Single().Message);
        var disrupted = Of("a", "Failed", exitCode: 137);
        disrupted = disrupted with { Status = disrupted.Status! with { Conditions = [new PodCondition { Type = "DisruptionTarget", Status = "True" }] } };
        step = Step(job, disrupted);
        Assert.Equal((0, 1, 1), (step.Status.UncountedTerminatedPods?.Failed?.Count ?? 0, step.Settled.Count, step.Create.Count));
        Assert.Equal(["uid-a"], Step(job, Of("a", "Failed", exitCode: 3)).Status.UncountedTerminatedPods!.Failed!);
    }

    [Fact]
    public void A_success_policy_ends_the_job_early()
    {
        var job = Job(Indexed(5, 5) with { SuccessPolicy = new SuccessPolicy { Rules = [new SuccessPolicyRule { SucceededIndexes = "0-2", SucceededCount = 2 }] } });
        Assert.Equal("", Conditions(Step(job, Of("a", "Succeeded", index: 0), Of("b", "Succeeded", index: 4))));
        var step = Step(job, Of("a", "Succeeded", index: 0), Of("b", "Succeeded", index: 2), Of("c", index: 1));
        Assert.Equal(("SuccessCriteriaMet/SuccessPolicy", "Matched rules at index 0"), (Conditions(step), step.Status.Conditions![0].Message));
        Assert.Equal(["c"], step.Delete.Select(pod => pod.Name));
    }

    [Fact]
    public void A_pod_that_is_going_is_replaced_at_once_or_when_it_ended()
    {
        Assert.Single(Step(Job(Plain()), Of("a", deleting: true)).Create);
        Assert.Equal(["uid-a"], Step(Job(Plain()), Of("a", deleting: true)).Status.UncountedTerminatedPods!.Failed!);
        var patient = Job(Plain() with { PodReplacementPolicy = "Failed" });
        var step = Step(patient, Of("a", deleting: true));
        Assert.Equal((0, 1, 0), (step.Create.Count, step.Status.Terminating, step.Settled.Count));
    }
}
