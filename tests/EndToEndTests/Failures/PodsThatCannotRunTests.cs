using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

/// <summary>A pod that cannot run says why, and holds up no other.</summary>
public sealed class PodsThatCannotRunTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Fact]
    public Task Without_its_image_a_pod_waits_and_says_so() => InNamespace(async here =>
    {
        await here.Run("kubectl run lost --image=localhost/no-such-image:1");
        var reason = await Waiting(here, "lost", "reason", text => text is "ErrImagePull" or "ImagePullBackOff");
        Assert.NotEmpty(reason);
        Assert.Contains("no-such-image", await Waiting(here, "lost", "message", text => text != ""), StringComparison.Ordinal);
        Assert.Equal("Pending", await here.Field("pod lost", ".status.phase"));
        Assert.Matches(@"lost +0/1 +(ErrImagePull|ImagePullBackOff) +0 ", await here.Run("kubectl get pod lost"));
        await AnotherRuns(here);
    });

    [Fact]
    public Task With_a_command_that_does_not_exist_a_pod_says_so() => InNamespace(async here =>
    {
        await here.Run("kubectl run bad --image=nginx --restart=Never --command -- /no/such/command");
        await Eventually.Get("the pod failed", () => here.Field("pod bad", ".status.phase"), phase => phase == "Failed");
        Assert.Contains("/no/such/command", await here.Field("pod bad", ".status.containerStatuses[0].state.terminated.message"), StringComparison.Ordinal);
        Assert.Matches("StartError|ContainerCannotRun", await here.Field("pod bad", ".status.containerStatuses[0].state.terminated.reason"));
        await AnotherRuns(here);
    });

    [Fact]
    public Task A_command_that_keeps_ending_is_restarted_and_backed_off() => InNamespace(async here =>
    {
        await here.Run("kubectl run ends --image=busybox -- sh -c 'exit 3'");
        await Eventually.Get("it was restarted", () => here.Field("pod ends", ".status.containerStatuses[0].restartCount"), count => int.Parse(count) >= 1);
        await Waiting(here, "ends", "reason", text => text == "CrashLoopBackOff");
        Assert.Equal("3", await here.Field("pod ends", ".status.containerStatuses[0].lastState.terminated.exitCode"));
        await AnotherRuns(here);
    });

    private static Task<string> Waiting(NamespacedTest here, string pod, string field, Func<string, bool> right) =>
        Eventually.Get($"pod {pod} waits and has a {field}", () => here.Field($"pod {pod}", $".status.containerStatuses[0].state.waiting.{field}"), right);

    private static async Task AnotherRuns(NamespacedTest here)
    {
        await here.Run("kubectl create -f ./nginxrc.yaml");
        await here.PodsReady("app=nginx", 2);
    }
}
