using EndToEndTests.Fixture;

namespace EndToEndTests.Commands;

/// <summary>Every <c>kubectl rollout</c> of a Deployment.</summary>
public sealed class RolloutTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Image = ".spec.template.spec.containers[0].image";

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Status_history_and_undo_follow_the_revisions(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx --replicas=2");
        Assert.EndsWith("deployment \"web\" successfully rolled out\n", await here.Run("kubectl rollout status deployment/web --timeout=80s"));
        await here.Run("kubectl set image deployment/web nginx=nginx:latest");
        await here.Run("kubectl annotate deployment/web kubernetes.io/change-cause=older");
        Assert.EndsWith("successfully rolled out\n", await here.Run("kubectl rollout status deployment/web --timeout=80s"));

        var history = await here.Run("kubectl rollout history deployment/web");
        Assert.Matches(@"(?m)^1 +<none>$", history);
        Assert.Matches(@"(?m)^2 +older$", history);
        Assert.Matches(@"Image:\s+nginx:latest", await here.Run("kubectl rollout history deployment/web --revision=2"));

        Assert.Equal("deployment.apps/web rolled back\n", await here.Run("kubectl rollout undo deployment/web"));
        await here.Run("kubectl rollout status deployment/web --timeout=80s");
        Assert.Equal("nginx", await here.Field("deployment web", Image));
        await here.Run("kubectl rollout undo deployment/web --to-revision=2");
        await here.Run("kubectl rollout status deployment/web --timeout=80s");
        Assert.Equal("nginx:latest", await here.Field("deployment web", Image));
        var pods = await here.PodsReady("app=web", 2);
        Assert.Equal("nginx:latest nginx:latest", await here.Field($"pods {string.Join(' ', pods.Select(pod => pod.Name))}", ".items[*].spec.containers[0].image"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_paused_deployment_waits_until_it_is_resumed(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx");
        await here.Run("kubectl rollout status deployment/web --timeout=80s");
        var before = Assert.Single(await here.PodsReady("app=web", 1));
        Assert.Equal("deployment.apps/web paused\n", await here.Run("kubectl rollout pause deployment/web"));
        await here.Run("kubectl set image deployment/web nginx=nginx:latest");
        Assert.Equal(1, (await here.Kubectl.TryRun("kubectl rollout restart deployment/web")).ExitCode);
        await Eventually.Get("the change was seen", () => here.Field("deployment web", ".status.observedGeneration"),
            seen => seen == here.Field("deployment web", ".metadata.generation").Result);
        Assert.Equal(before.Name, Assert.Single(await here.PodsReady("app=web", 1)).Name);

        await here.Run("kubectl rollout resume deployment/web");
        await here.Run("kubectl rollout status deployment/web --timeout=80s");
        var after = Assert.Single(await here.PodsReady("app=web", 1));
        Assert.NotEqual(before.Name, after.Name);
        Assert.Equal("nginx:latest", await here.Field($"pod {after.Name}", ".spec.containers[0].image"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Restart_replaces_every_pod(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx --replicas=2");
        await here.Run("kubectl rollout status deployment/web --timeout=80s");
        var before = await here.PodsReady("app=web", 2);
        Assert.Equal("deployment.apps/web restarted\n", await here.Run("kubectl rollout restart deployment/web"));
        await here.Run("kubectl rollout status deployment/web --timeout=80s");
        var after = await here.PodsReady("app=web", 2);
        Assert.Empty(before.Select(pod => pod.Uid).Intersect(after.Select(pod => pod.Uid)));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_rollout_that_cannot_go_on_says_so(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx");
        await here.Run("kubectl rollout status deployment/web --timeout=80s");
        await here.Run("""kubectl patch deployment web -p '{"spec":{"progressDeadlineSeconds":3,"template":{"spec":{"nodeSelector":{"no":"where"}}}}}'""");
        var status = await here.Kubectl.TryRun("kubectl rollout status deployment/web --timeout=80s");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("error: deployment \"web\" exceeded its progress deadline", status.Error, StringComparison.Ordinal);
        Assert.Single(await here.PodsReady("app=web", 1)); // the old pod still serves
    }, kubectl);
}
