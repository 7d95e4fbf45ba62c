using EndToEndTests.Fixture;

namespace EndToEndTests.OpenApi;

/// <summary>What kubectl decides with the help of the documents: validation, server dry runs, diffs.</summary>
public sealed class ValidationTests(SingleControlPlane plane) : IClassFixture<SingleControlPlane>
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: NAME}
        spec:
          replicas: 2
          selector: {matchLabels: {app: a}}
          template:
            metadata: {labels: {app: a}}
            spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}, {name: d, image: i}]}
        """;

    [Theory, MemberData(nameof(EndToEndTest.BothKubectls), MemberType = typeof(EndToEndTest))]
    public async Task A_misspelt_field_is_named_and_nothing_is_written(string name)
    {
        using var kubectl = plane.User(name);
        var manifest = Named(name, "misspelt").Replace("containerPort", "contanerPort");
        foreach (var command in new[] { "create -f -", "apply -f -", "create --dry-run=server -f -" })
        {
            var refused = await kubectl.TryRun($"kubectl {command}", manifest);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("unknown field", refused.Error, StringComparison.Ordinal);
            Assert.Contains("contanerPort", refused.Error, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("misspelt", await kubectl.Run("kubectl get deployments -o name"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(EndToEndTest.BothKubectls), MemberType = typeof(EndToEndTest))]
    public async Task A_server_dry_run_changes_nothing_and_a_diff_shows_what_would_change(string name)
    {
        using var kubectl = plane.User(name);
        var manifest = Named(name, "diff");
        var deployment = manifest.Split("name: ")[1].Split('}')[0];
        Assert.Contains("created (server dry run)", await Succeeds(kubectl, "kubectl apply --dry-run=server -f -", manifest), StringComparison.Ordinal);
        Assert.Contains("NotFound", (await kubectl.TryRun($"kubectl get deployment {deployment}")).Error, StringComparison.Ordinal);
        Assert.Contains("created", await Succeeds(kubectl, "kubectl apply -f -", manifest), StringComparison.Ordinal);
        Assert.Contains("unchanged", await Succeeds(kubectl, "kubectl apply -f -", manifest), StringComparison.Ordinal);
        var changed = manifest.Replace("replicas: 2", "replicas: 3").Replace(", {name: d, image: i}", "");
        var diff = await kubectl.TryRun("kubectl diff -f -", changed);
        Assert.Equal(1, diff.ExitCode); // there are differences
        Assert.Contains("-  replicas: 2\n+  replicas: 3\n", diff.Output, StringComparison.Ordinal);
        Assert.Contains("-        name: d\n", diff.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await kubectl.TryRun("kubectl diff -f -", manifest)).ExitCode);
        Assert.Contains("configured (server dry run)", await Succeeds(kubectl, "kubectl apply --dry-run=server -f -", changed), StringComparison.Ordinal);
        Assert.Equal("2", await kubectl.Run($"kubectl get deployment {deployment} -o jsonpath='{{.spec.replicas}}'"));
    }

    private static string Named(string kubectl, string purpose) => Deployment.Replace("NAME", $"{purpose}-{kubectl}");

    private static async Task<string> Succeeds(Kubectl kubectl, string line, string input)
    {
        var result = await kubectl.TryRun(line, input);
        Assert.True(result.ExitCode == 0, $"{line}: {result.Output}{result.Error}");
        return result.Output;
    }
}
