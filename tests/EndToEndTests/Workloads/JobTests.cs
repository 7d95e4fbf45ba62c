using EndToEndTests.Fixture;

namespace EndToEndTests.Workloads;

/// <summary>Jobs whose containers really run and end.</summary>
public sealed class JobTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Image = "radial/busyboxplus:curl";

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_job_completes_and_goes_with_its_pods(string kubectl) => InNamespace(async here =>
    {
        await here.Run($"kubectl create job hello --image={Image} -- sh -c 'echo hello'");
        await here.Run("kubectl wait --for=condition=complete job/hello --timeout=120s");
        Assert.Matches(@"hello +Complete +1/1", await here.Run("kubectl get jobs"));
        Assert.Contains("1 Succeeded / 0 Failed", await here.Run("kubectl describe job hello"));
        Assert.Contains("job.batch/hello", await here.Run("kubectl get all"));
        Assert.Equal("", await here.Field("pod -l job-name=hello", ".items[0].metadata.finalizers"));
        await here.Run("kubectl delete job hello");
        await Eventually.Get("the pod is gone", () => here.Run("kubectl get pods -o name"), names => !names.Contains("pod/", StringComparison.Ordinal));
    }, kubectl);

    [Fact]
    public Task A_job_that_fails_says_so() => InNamespace(async here =>
    {
        await Apply(here, "fail", "backoffLimit: 0, ", "exit 3");
        await here.Run("kubectl wait --for=condition=failed job/fail --timeout=120s");
        Assert.Equal("BackoffLimitExceeded", await here.Field("job fail", ".status.conditions[?(@.type==\"Failed\")].reason"));
        Assert.Equal("1", await here.Field("job fail", ".status.failed"));
    });

    [Fact]
    public Task Each_index_of_an_indexed_job_knows_itself() => InNamespace(async here =>
    {
        await Apply(here, "index", "completions: 3, parallelism: 2, completionMode: Indexed, backoffLimit: 0, ", "test $(hostname) = index-$JOB_COMPLETION_INDEX");
        await here.Run("kubectl wait --for=condition=complete job/index --timeout=120s");
        Assert.Equal("0-2", await here.Field("job index", ".status.completedIndexes"));
    });

    private static async Task Apply(NamespacedTest here, string name, string spec, string command)
    {
        var manifest = $$$"""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: {{{name}}}}
            spec: { {{{spec}}}template: {spec: {restartPolicy: Never, containers: [{name: c, image: "{{{Image}}}", command: [sh, -c, "{{{command}}}"]}]}} }
            """;
        var result = await here.Kubectl.TryRun("kubectl apply -f -", manifest);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
