using EndToEndTests.Fixture;

namespace EndToEndTests.Streams;

/// <summary><c>kubectl attach</c> and <c>run -i</c>: a container's own streams.</summary>
public sealed class AttachTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_pod_is_run_attached_and_removed(string kubectl) => InNamespace(async here =>
    {
        Assert.Contains("got some input", await here.Run("echo some input | kubectl run reader --image=busybox --restart=Never -i --rm --quiet -- sh -c 'sleep 1; read line; echo got $line'"));
        Assert.Equal("", await here.Run("kubectl get pods -o name"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_shell_in_a_terminal_runs_what_is_typed(string kubectl) => InNamespace(async here =>
    {
        // The prompt may come before the client: it types when it is attached, which the size of its terminal tells.
        var result = await here.Kubectl.TryRun(
            "(sleep 6; printf 'stty size; echo $((6 * 7))x\\r'; sleep 2; printf 'exit 0\\r'; sleep 3) | timeout 90 script -qec \"stty rows 31 cols 111; kubectl run shell -it --image=busybox --restart=Never --rm -- sh\" /dev/null");
        Assert.Contains("42x", result.Output);
        Assert.Contains("31 111", result.Output);
        await Eventually.Get("the pod is removed", () => here.Run("kubectl get pods -o name"), text => text.Length == 0);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_client_may_leave_and_come_back(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe("""
            apiVersion: v1
            kind: Pod
            metadata: {name: echo, labels: {app: echo}}
            spec:
              containers:
              - {name: c, image: busybox, stdin: true, command: [sh, -c, "while read line; do echo said $line; done; echo over; sleep 1000"]}
            """, "kubectl apply -f -");
        await here.PodsReady("app=echo", 1);
        // Input stays open, so the client leaves because it is ended; the container goes on.
        Assert.Contains("said one", (await here.Kubectl.TryRun("(echo one; sleep 4) | timeout 3 kubectl attach -i echo")).Output);
        Assert.Contains("said two", (await here.Kubectl.TryRun("(echo two; sleep 4) | timeout 3 kubectl attach -i echo")).Output);
        Assert.Equal("0", await here.Field("pod echo", ".status.containerStatuses[0].restartCount"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Two_clients_see_the_same_output_without_disturbing_it(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe("""
            apiVersion: v1
            kind: Pod
            metadata: {name: tick, labels: {app: tick}}
            spec:
              containers: [{name: c, image: busybox, command: [sh, -c, 'while true; do echo tick; echo tock >&2; sleep 0.2; done']}]
            """, "kubectl apply -f -");
        await here.PodsReady("app=tick", 1);
        var both = await Task.WhenAll(here.Kubectl.TryRun("timeout 4 kubectl attach tick"), here.Kubectl.TryRun("timeout 4 kubectl attach tick"));
        Assert.All(both, seen => Assert.Contains("tick", seen.Output));
        Assert.All(both, seen => Assert.Contains("tock", seen.Error));
    }, kubectl);
}
