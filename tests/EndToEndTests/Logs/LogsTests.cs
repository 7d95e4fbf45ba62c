using EndToEndTests.Fixture;

namespace EndToEndTests.Logs;

/// <summary><c>kubectl logs</c> in all its forms, with both kubectls.</summary>
public sealed class LogsTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Pair = """
        apiVersion: v1
        kind: Pod
        metadata: {name: pair, labels: {app: pair}}
        spec:
          terminationGracePeriodSeconds: 0
          initContainers: [{name: first, image: busybox, command: [echo, prepared]}]
          containers:
          - {name: a, image: busybox, command: [sh, -c, "for i in 1 2 3 4 5; do echo a$i; done; echo wrong >&2; exec sleep 1000"]}
          - {name: b, image: busybox, command: [sh, -c, "echo b1; exec sleep 1000"]}
        """;

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Every_option_does_what_it_says(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe(Pair, "kubectl apply -f -");
        await here.PodsReady("app=pair", 1);
        await Eventually.Get("a's lines", () => here.Run("kubectl logs pair -c a"), text => text == "a1\na2\na3\na4\na5\nwrong\n");
        Assert.Equal("a5\nwrong\n", await here.Run("kubectl logs pair -c a --tail=2"));
        Assert.Equal("a1\na", await here.Run("kubectl logs pair -c a --limit-bytes=4"));
        Assert.Equal("", await here.Run("kubectl logs pair -c a --since-time=2999-01-01T00:00:00Z"));
        Assert.Contains("a1", await here.Run("kubectl logs pair -c a --since=1h"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z a1\n", await here.Run("kubectl logs pair -c a --timestamps"));
        Assert.Equal("prepared\n", await here.Run("kubectl logs pair -c first"));
        var all = await here.Run("kubectl logs pair --all-containers --prefix");
        Assert.Contains("[pod/pair/first] prepared\n", all);
        Assert.Contains("[pod/pair/a] a1\n", all);
        Assert.Contains("[pod/pair/b] b1\n", all);
        Assert.Equal("b1\n", await here.Run("kubectl logs -l app=pair -c b"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task What_cannot_be_is_said_in_Kubernetes_words(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe(Pair, "kubectl apply -f -");
        await here.PodsReady("app=pair", 1);
        Assert.Contains("container nobody is not valid for pod pair", (await here.Kubectl.TryRun("kubectl logs pair -c nobody")).Error);
        Assert.Contains("previous terminated container \"a\" in pod \"pair\" not found", (await here.Kubectl.TryRun("kubectl logs pair -c a --previous")).Error);
        Assert.Contains("pods \"none\" not found", (await here.Kubectl.TryRun("kubectl logs none")).Error);
        await here.Run("kubectl run stuck --image=no-such-image.invalid/x --restart=Never");
        var waiting = await Eventually.Get("why there is no log", () => here.Kubectl.TryRun("kubectl logs stuck"), result => result.Error.Contains("image", StringComparison.Ordinal));
        Assert.Contains("container \"stuck\" in pod \"stuck\" is waiting to start: ", waiting.Error);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_follower_sees_the_end_and_the_run_before_stays(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl run counter --image=busybox --restart=OnFailure -- sh -c 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done; test -e /dev/shm/again || { touch /dev/shm/again; exit 3; }; echo again'");
        await Eventually.Get("the first line", () => here.Kubectl.TryRun("kubectl logs counter"), result => result.Output.StartsWith("1\n", StringComparison.Ordinal));
        Assert.StartsWith("1\n2\n3\n4\n5\n6\n", await here.Run("timeout 60 kubectl logs -f counter"));
        var previous = await Eventually.Get("the run before", () => here.Kubectl.TryRun("kubectl logs counter --previous"), result => result.ExitCode == 0);
        Assert.Equal("1\n2\n3\n4\n5\n6\n", previous.Output);
    }, kubectl);

    [Fact]
    public Task Logs_of_deployments_and_of_pods_that_are_over_stay_and_the_agent_may_die_meanwhile() => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=busybox -- sh -c 'echo started; exec sleep 1000'");
        await Eventually.Get("the deployment's log", () => here.Kubectl.TryRun("kubectl logs deploy/web"), result => result.Output == "started\n");
        await here.Run("kubectl run done --image=busybox --restart=Never -- sh -c 'for i in $(seq 1 40); do echo line $i; sleep 0.2; done'");
        await Eventually.Get("its first line", () => here.Kubectl.TryRun("kubectl logs done"), result => result.Output.StartsWith("line 1\n", StringComparison.Ordinal));
        await Cluster.CrashAgent(await here.Field("pod done", ".spec.nodeName"), () => Task.Delay(3000));
        await Eventually.Get("the pod is over", () => here.Field("pod done", ".status.phase"), phase => phase == "Succeeded");
        Assert.Equal(string.Concat(Enumerable.Range(1, 40).Select(n => $"line {n}\n")), await here.Run("kubectl logs done"));
    });
}
