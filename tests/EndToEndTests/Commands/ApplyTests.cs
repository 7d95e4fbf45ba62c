using EndToEndTests.Fixture;

namespace EndToEndTests.Commands;

/// <summary><c>kubectl apply</c> and <c>diff</c>: the manifest is what the object becomes, no less and no more.</summary>
public sealed class ApplyTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string First = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web, tier: front}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: nginx
                image: nginx
                env: [{name: A, value: "1"}, {name: B, value: "2"}]
                ports: [{containerPort: 80}, {containerPort: 8080}]
              - {name: idle, image: busybox, command: [sleep, "1000"]}
        """;

    /// <summary>Without a label, a variable, a port, a container and the number of replicas.</summary>
    private const string Second = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: nginx
                image: nginx
                env: [{name: A, value: "one"}]
                ports: [{containerPort: 80}]
        """;

    [Theory, MemberData(nameof(BothKubectls))]
    public Task The_same_manifest_again_changes_nothing(string kubectl) => InNamespace(async here =>
    {
        Assert.Equal("deployment.apps/web created\n", await here.Pipe(First, "kubectl apply -f -"));
        await here.PodsReady("app=web", 1);
        var generation = await here.Field("deployment web", ".metadata.generation");
        Assert.Equal("deployment.apps/web unchanged\n", await here.Pipe(First, "kubectl apply -f -"));
        Assert.Equal(generation, await here.Field("deployment web", ".metadata.generation"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task What_the_manifest_no_longer_says_is_removed_and_what_others_set_stays(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe(First, "kubectl apply -f -");
        await here.Run("kubectl label deployment web owner=somebody");
        await here.Run("kubectl scale deployment web --replicas=0");
        Assert.Equal("deployment.apps/web configured\n", await here.Pipe(Second, "kubectl apply -f -"));

        const string Container = ".spec.template.spec.containers[0]";
        Assert.Equal("nginx", await here.Field("deployment web", ".spec.template.spec.containers[*].name"));
        Assert.Equal("A one", await here.Field("deployment web", Container + ".env[*].name} {" + Container + ".env[*].value"));
        Assert.Equal("80", await here.Field("deployment web", Container + ".ports[*].containerPort"));
        Assert.Equal("", await here.Field("deployment web", ".metadata.labels.tier"));
        Assert.Equal("somebody", await here.Field("deployment web", ".metadata.labels.owner"));
        Assert.Equal("1", await here.Field("deployment web", ".spec.replicas")); // the default again: the manifest had said it and no longer does
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Diff_shows_what_apply_would_change_and_changes_nothing(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe(First, "kubectl apply -f -");
        var same = await here.Kubectl.TryRun("kubectl diff -f -", First);
        Assert.True(same.ExitCode == 0, same.Output + same.Error);
        var generation = await here.Field("deployment web", ".metadata.generation");

        var diff = await here.Kubectl.TryRun("kubectl diff -f -", Second);
        Assert.True(diff.ExitCode == 1, diff.Output + diff.Error);
        Assert.Matches(@"(?m)^-\s+- containerPort: 8080", diff.Output);
        Assert.Matches(@"(?m)^\+\s+value: one", diff.Output);
        Assert.Equal(generation, await here.Field("deployment web", ".metadata.generation"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_dry_run_on_the_server_answers_as_the_real_thing_and_stores_nothing(string kubectl) => InNamespace(async here =>
    {
        Assert.Equal("deployment.apps/web created (server dry run)\n", await here.Pipe(First, "kubectl apply --dry-run=server -f -"));
        Assert.Equal("configmap/a created (server dry run)\n", await here.Run("kubectl create configmap a --from-literal=b=c --dry-run=server"));
        Assert.Empty(await here.Run("kubectl get deployments -o name"));
        Assert.DoesNotContain("configmap/a", await here.Run("kubectl get configmaps -o name"), StringComparison.Ordinal);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Prune_removes_what_is_no_longer_in_the_set(string kubectl) => InNamespace(async here =>
    {
        static string Map(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, labels: {{set: one}}}}\n";
        await here.Pipe(Map("kept") + "---\n" + Map("gone"), "kubectl apply -f -");
        var said = await here.Pipe(Map("kept"), "kubectl apply -l set=one --prune --prune-whitelist=core/v1/ConfigMap -f - 2>&1 || kubectl apply -l set=one --prune --prune-allowlist=core/v1/ConfigMap -f -");
        Assert.Contains("configmap/gone pruned", said, StringComparison.Ordinal);
        Assert.Equal("configmap/kept\n", await here.Run("kubectl get configmaps -l set=one -o name"));
    }, kubectl);
}
