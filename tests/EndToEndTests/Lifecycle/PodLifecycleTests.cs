using EndToEndTests.Fixture;

namespace EndToEndTests.Lifecycle;

/// <summary>A pod's life as people see it with kubectl: its states, its ends, and debugging it.</summary>
public sealed class PodLifecycleTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Sequence = """
        apiVersion: v1
        kind: Pod
        metadata: {name: seq}
        spec:
          terminationGracePeriodSeconds: 20
          initContainers:
          - {name: first, image: busybox, imagePullPolicy: IfNotPresent, command: [sh, -c, "echo first >>/log/log; sleep 2"], volumeMounts: [{name: log, mountPath: /log}]}
          - name: side
            image: busybox
            imagePullPolicy: IfNotPresent
            restartPolicy: Always
            command: [sh, -c, "echo side >>/log/log; trap 'echo side ends >>/log/log; exit 0' TERM; while true; do sleep 0.1; done"]
            startupProbe: {exec: {command: [test, -s, /log/log]}, periodSeconds: 1}
            volumeMounts: [{name: log, mountPath: /log}]
          - {name: second, image: busybox, imagePullPolicy: IfNotPresent, command: [sh, -c, "echo second >>/log/log; sleep 2"], volumeMounts: [{name: log, mountPath: /log}]}
          containers:
          - name: main
            image: busybox
            imagePullPolicy: IfNotPresent
            command: [sh, -c, "echo main >>/log/log; trap 'echo main ends >>/log/log; exit 0' TERM; while true; do sleep 0.1; done"]
            lifecycle: {postStart: {exec: {command: [sh, -c, "echo hello >>/log/log"]}}, preStop: {exec: {command: [sh, -c, "echo bye >>/log/log; sleep 1"]}}}
            readinessProbe: {exec: {command: [grep, -q, hello, /log/log]}, periodSeconds: 1}
            volumeMounts: [{name: log, mountPath: /log}]
          volumes: [{name: log, hostPath: {path: /var/tmp/NAMESPACE, type: DirectoryOrCreate}}]
        """;

    private const string Others = """
        apiVersion: v1
        kind: List
        items:
        - apiVersion: v1
          kind: Pod
          metadata: {name: initfails}
          spec: {initContainers: [{name: i, image: busybox, imagePullPolicy: IfNotPresent, command: [sh, -c, "exit 3"]}], containers: [{name: c, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "1000"]}]}
        - apiVersion: v1
          kind: Pod
          metadata: {name: initnever}
          spec: {restartPolicy: Never, initContainers: [{name: i, image: busybox, imagePullPolicy: IfNotPresent, command: [sh, -c, "exit 3"]}], containers: [{name: c, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "1000"]}]}
        - apiVersion: v1
          kind: Pod
          metadata: {name: unlive}
          spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "1000"], livenessProbe: {exec: {command: ["false"]}, periodSeconds: 1, failureThreshold: 1}}]}
        - apiVersion: v1
          kind: Pod
          metadata: {name: half}
          spec: {restartPolicy: Never, terminationGracePeriodSeconds: 1, containers: [{name: a, image: busybox, imagePullPolicy: IfNotPresent, command: ["true"]}, {name: b, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "1000"]}]}
        - apiVersion: v1
          kind: Pod
          metadata: {name: late}
          spec: {activeDeadlineSeconds: 2, terminationGracePeriodSeconds: 1, containers: [{name: c, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "1000"]}]}
        - apiVersion: v1
          kind: Pod
          metadata: {name: words}
          spec: {restartPolicy: Never, containers: [{name: c, image: busybox, imagePullPolicy: IfNotPresent, command: [sh, -c, "echo last words; exit 4"], terminationMessagePolicy: FallbackToLogsOnError}]}
        """;

    private static Task<string> Status(NamespacedTest here, string pod, string status) =>
        Eventually.Get($"{pod} is {status}", () => here.Run($"kubectl get pod {pod} --no-headers"), line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2] == status);

    [Fact]
    public Task Init_containers_sidecars_and_hooks_take_their_turns() => InNamespace(async here =>
    {
        await here.Pipe(Sequence.Replace("NAMESPACE", here.Namespace), "kubectl apply -f -");
        await Status(here, "seq", "Init:0/3");
        await Status(here, "seq", "Init:2/3");
        await here.Run("kubectl wait --for=condition=Ready pod/seq --timeout=90s");
        Assert.Matches(@"seq +2/2 +Running +0 ", await here.Run("kubectl get pod seq"));
        var node = await here.Field("pod seq", ".spec.nodeName");
        await here.Run("kubectl delete pod seq");
        Assert.Equal(["first", "side", "second", "main", "hello", "bye", "main ends", "side ends"], (await Cluster.Ssh(node, "cat", $"/var/tmp/{here.Namespace}/log")).Trim().Split('\n'));
    });

    [Theory]
    [MemberData(nameof(BothKubectls))]
    public Task What_goes_wrong_stands_in_the_list_of_pods(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe(Others, "kubectl create -f -");
        await Status(here, "initfails", "Init:CrashLoopBackOff");
        await Status(here, "initnever", "Init:Error");
        await Status(here, "half", "NotReady");
        await Eventually.Get("a restart", () => here.Field("pod unlive", ".status.containerStatuses[0].restartCount"), count => int.Parse(count) > 0);
        Assert.Contains("Container c failed liveness probe, will be restarted", await here.Run("kubectl get events --field-selector involvedObject.name=unlive"), StringComparison.Ordinal);
        await Eventually.Get("the deadline", () => here.Field("pod late", ".status.phase"), phase => phase == "Failed");
        Assert.Equal("DeadlineExceeded: Pod was active on the node longer than the specified deadline", await here.Run("kubectl get pod late -o jsonpath='{.status.reason}: {.status.message}'"));
        Assert.Equal("last words", (await Eventually.Get("its words", () => here.Field("pod words", ".status.containerStatuses[0].state.terminated.message"), text => text != "")).Trim());
    }, kubectl);

    [Fact]
    public Task A_pod_that_does_not_fit_the_node_it_names_fails() => InNamespace(async here =>
    {
        await here.Run($$$$"""kubectl run big --image=busybox --restart=Never --overrides='{"spec":{"nodeName":"{{{{Cluster.Nodes[0]}}}}","containers":[{"name":"big","image":"busybox","resources":{"requests":{"cpu":"1000"}}}]}}'""");
        await Status(here, "big", "OutOfcpu");
        Assert.StartsWith("Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000,", await here.Field("pod big", ".status.message"));
    });

    [Fact]
    public Task An_end_is_shortened_and_forced() => InNamespace(async here =>
    {
        foreach (var pod in new[] { "slow", "stuck" })
            await here.Run($$$$"""kubectl run {{{{pod}}}} --image=busybox --image-pull-policy=IfNotPresent --overrides='{"spec":{"terminationGracePeriodSeconds":600}}' --command -- sh -c "trap '' TERM; while true; do sleep 1; done" """);
        await here.Run("kubectl wait --for=condition=Ready pod/slow pod/stuck --timeout=90s");
        await here.Run("kubectl delete pod slow --wait=false");
        await Status(here, "slow", "Terminating");
        await here.Run("kubectl delete pod slow --grace-period=1 --timeout=60s");
        var (node, uid) = (await here.Field("pod stuck", ".spec.nodeName"), await here.Field("pod stuck", ".metadata.uid"));
        await here.Run("kubectl delete pod stuck --force --grace-period=0");
        await Eventually.Get("nothing is left on the node", () => Cluster.Ssh(node, "sh", "-c", $"ls -d /run/nodeagent/pods/{uid} 2>/dev/null || true"), text => text.Trim() == "");
    });

    [Fact]
    public Task kubectl_debug_sees_the_processes_of_its_target() => InNamespace(async here =>
    {
        await here.Run("kubectl run target --image=busybox --image-pull-policy=IfNotPresent --command -- sleep 4711");
        await here.Run("kubectl wait --for=condition=Ready pod/target --timeout=90s");
        await here.Run("kubectl debug target --image=busybox --target=target -c look -- ps");
        await Eventually.Get("its end", () => here.Field("pod target", ".status.ephemeralContainerStatuses[0].state.terminated.reason"), reason => reason == "Completed");
        Assert.Contains("sleep 4711", await here.Run("kubectl logs target -c look"), StringComparison.Ordinal);
        var refusal = await here.Kubectl.TryRun("kubectl debug target --image=busybox --target=nobody -c other -- ps");
        Assert.Contains("spec.ephemeralContainers[1].targetContainerName: Not found: \"nobody\"", refusal.Error, StringComparison.Ordinal);
    });
}
