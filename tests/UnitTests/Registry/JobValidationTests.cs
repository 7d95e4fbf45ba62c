using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>What is said about broken jobs; the texts are Kubernetes' own.</summary>
public class JobValidationTests
{
    private static string Job(string more = "", string pod = "restartPolicy: Never, containers: [{name: c, image: i}]") =>
        $"metadata: {{name: j}}\nspec: {{template: {{spec: {{{pod}}}}} {more}}}";

    private const string Indexed = ", completionMode: Indexed, completions: 5";

    [Theory]
    [InlineData(", parallelism: -1", "spec.parallelism: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData(", completionMode: Some", "spec.completionMode: Unsupported value: \"Some\": supported values: \"Indexed\", \"NonIndexed\"")]
    [InlineData(", completionMode: Indexed, parallelism: 2", "spec.completions: Required value: when completion mode is Indexed")]
    [InlineData(", backoffLimitPerIndex: 1", "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode")]
    [InlineData(Indexed + ", maxFailedIndexes: 1", "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified")]
    [InlineData(Indexed + ", backoffLimitPerIndex: 1, maxFailedIndexes: 6", "spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions")]
    [InlineData(", podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [0]}}]}", "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator")]
    [InlineData(", podFailurePolicy: {rules: [{action: FailIndex, onPodConditions: [{type: DisruptionTarget}]}]}", "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set")]
    [InlineData(", podFailurePolicy: {rules: [{action: Ignore}]}", "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required")]
    [InlineData(", podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {containerName: x, operator: In, values: [1]}}]}", "spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: \"x\": must be one of the container or initContainer names in the pod template")]
    [InlineData(", successPolicy: {rules: [{succeededCount: 1}]}", "spec.successPolicy: Invalid value: {\"rules\":[{\"succeededCount\":1}]}: requires indexed completion mode")]
    [InlineData(Indexed + ", successPolicy: {rules: [{succeededIndexes: 3-1}]}", "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"3-1\": error parsing succeededIndexes: non-increasing order, previous: 3, current: 1")]
    [InlineData(Indexed + ", successPolicy: {rules: [{succeededIndexes: 1-2, succeededCount: 3}]}", "spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)")]
    [InlineData(", podReplacementPolicy: Never", "spec.podReplacementPolicy: Unsupported value: \"Never\": supported values: \"Failed\", \"TerminatingOrFailed\"")]
    public void A_broken_job_is_told_what_is_wrong_and_where(string more, string error) => Assert.Equal([error], Manifest.Errors<Job>(Job(more)));

    [Fact]
    public void Pods_of_a_job_must_be_able_to_end()
    {
        Assert.Equal(["spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""], Manifest.Errors<Job>(Job(pod: "containers: [{name: c, image: i}]")));
        Assert.Equal(["spec.template.spec.restartPolicy: Invalid value: \"OnFailure\": only \"Never\" is supported when podFailurePolicy is specified"],
            Manifest.Errors<Job>(Job(", podFailurePolicy: {rules: []}", "restartPolicy: OnFailure, containers: [{name: c, image: i}]")));
    }

    [Fact]
    public void A_job_runs_one_pod_to_one_success_unless_it_says_more()
    {
        var spec = Manifest.Create<Job>(Job()).Spec!;
        Assert.Equal((1, 1, 6, "NonIndexed", "TerminatingOrFailed"), (spec.Parallelism, spec.Completions, spec.BackoffLimit, spec.CompletionMode, spec.PodReplacementPolicy));
        Assert.Equal(int.MaxValue, Manifest.Create<Job>(Job(Indexed + ", backoffLimitPerIndex: 1")).Spec!.BackoffLimit);
        Assert.Null(Manifest.Create<Job>(Job(", parallelism: 3")).Spec!.Completions);
    }

    [Fact]
    public void The_selector_is_made_by_the_server_unless_the_client_wants_to()
    {
        var job = Manifest.Create<Job>(Job());
        Assert.Equal(["batch.kubernetes.io/controller-uid"], job.Spec!.Selector!.MatchLabels!.Keys);
        Assert.Equal(["batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"], job.Spec.Template.Metadata!.Labels!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["spec.selector: Required value"], Manifest.Errors<Job>(Job(", manualSelector: true")));
    }

    [Fact]
    public void Little_of_a_job_may_change()
    {
        var old = Manifest.Create<Job>(Job());
        Assert.Equal([], Manifest.TryUpdate(old, old with { Spec = old.Spec! with { Parallelism = 3, BackoffLimit = 1, Suspend = true, ActiveDeadlineSeconds = 5 } }).Errors);
        Assert.Equal(["spec.completions: Invalid value: 2: field is immutable"], Manifest.TryUpdate(old, old with { Spec = old.Spec! with { Completions = 2 } }).Errors);
        var moved = old.Spec! with { Template = old.Spec.Template with { Spec = old.Spec.Template.Spec! with { NodeSelector = new Dictionary<string, string> { ["a"] = "b" } } } };
        Assert.StartsWith("spec.template: Invalid value: ", Assert.Single(Manifest.TryUpdate(old, old with { Spec = moved }).Errors));
        var suspended = old with { Spec = old.Spec with { Suspend = true } };
        Assert.Equal([], Manifest.TryUpdate(suspended, suspended with { Spec = moved with { Suspend = false } }).Errors);
    }

    [Fact]
    public void An_indexed_job_grows_if_both_numbers_grow()
    {
        var old = Manifest.Create<Job>(Job(Indexed + ", parallelism: 5"));
        Assert.Equal([], Manifest.TryUpdate(old, old with { Spec = old.Spec! with { Completions = 7, Parallelism = 7 } }).Errors);
        Assert.Equal(["spec.completions: Invalid value: 7: can only be modified in tandem with spec.parallelism"], Manifest.TryUpdate(old, old with { Spec = old.Spec! with { Completions = 7 } }).Errors);
    }

    [Theory]
    [InlineData("completions: 3", "succeeded: 1, startTime: '2026-05-01T11:58:00Z'", "j|Running|1/3|2m|5m|c|i|<none>")]
    [InlineData("completions: 1", "succeeded: 1, startTime: '2026-05-01T11:58:00Z', completionTime: '2026-05-01T11:58:09Z', conditions: [{type: Complete, status: 'True'}]", "j|Complete|1/1|9s|5m|c|i|<none>")]
    [InlineData("parallelism: 4", "conditions: [{type: Suspended, status: 'True'}]", "j|Suspended|0/1 of 4||5m|c|i|<none>")]
    [InlineData("parallelism: 1", "conditions: [{type: FailureTarget, status: 'True'}]", "j|FailureTarget|0/1||5m|c|i|<none>")]
    public void The_row_says_how_far_the_job_is(string spec, string status, string row) => Assert.Equal(row, Manifest.Row(Manifest.Read<Job>(
        $"{{metadata: {{name: j, creationTimestamp: '2026-05-01T11:55:00Z'}}, spec: {{{spec}, template: {{spec: {{containers: [{{name: c, image: i}}]}}}}}}, status: {{{status}}}}}"),
        new DateTime(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc)));
}
