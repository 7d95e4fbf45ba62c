using EndToEndTests.Fixture;

namespace EndToEndTests.Lifecycle;

/// <summary>The real agent is killed (-9) in the midst of a pod's start and of its end, each time a little later: everything happens once all the same.</summary>
public sealed class KilledAgentTests(FaultCluster cluster) : FaultTest(cluster)
{
    private const int Kills = 8;

    /// <summary>Init container, sidecar, postStart and preStop each write one word; the hooks take a while.</summary>
    private const string Manifest = """
        apiVersion: v1
        kind: Pod
        metadata: {name: steps}
        spec:
          nodeName: NODE
          terminationGracePeriodSeconds: 20
          initContainers:
          - {name: one, image: busybox, imagePullPolicy: IfNotPresent, command: [sh, -c, "echo one >>/log/log; sleep 0.3"], volumeMounts: [{name: log, mountPath: /log}]}
          - {name: two, image: busybox, imagePullPolicy: IfNotPresent, command: [sh, -c, "echo two >>/log/log; sleep 0.3"], volumeMounts: [{name: log, mountPath: /log}]}
          containers:
          - name: main
            image: busybox
            imagePullPolicy: IfNotPresent
            command: [sh, -c, "echo main >>/log/log; trap 'echo ends >>/log/log; exit 0' TERM; while true; do sleep 0.1; done"]
            lifecycle:
              postStart: {exec: {command: [sh, -c, "sleep 0.3"]}}
              preStop: {exec: {command: [sh, -c, "echo hook >>/log/log; sleep 1; echo done >>/log/log"]}}
            volumeMounts: [{name: log, mountPath: /log}]
          volumes: [{name: log, hostPath: {path: DIRECTORY, type: DirectoryOrCreate}}]
        """;

    [Fact]
    public Task At_whatever_moment_the_agent_is_killed_nothing_runs_twice_and_nothing_is_left() => InNamespace(async here =>
    {
        var node = Cluster.Nodes[0];
        for (var i = 0; i < Kills; i++)
        {
            var directory = $"/var/tmp/{here.Namespace}-{i}";
            var delay = TimeSpan.FromMilliseconds(150 * i);
            await here.Pipe(Manifest.Replace("NODE", node).Replace("DIRECTORY", directory), "kubectl create -f -");
            await Task.Delay(delay);
            await Cluster.CrashAgent(node);
            await here.Run("kubectl wait --for=condition=Ready pod/steps --timeout=90s");
            Assert.Equal(["one", "two", "main"], await Said(node, directory));
            Assert.Equal("0 0 0", await here.Run("kubectl get pod steps -o jsonpath='{.status.initContainerStatuses[*].restartCount} {.status.containerStatuses[*].restartCount}'"));
            var uid = await here.Field("pod steps", ".metadata.uid");

            await here.Run("kubectl delete pod steps --wait=false");
            await Task.Delay(delay);
            await Cluster.CrashAgent(node);
            await here.Run("kubectl wait --for=delete pod/steps --timeout=90s");
            var said = await Said(node, directory);
            // A hook that was killed with its agent may lack its last word; it is not begun again.
            Assert.Equal(["one", "two", "main", "hook", "ends"], said.Where(word => word != "done"));
            Assert.Equal("", (await Cluster.Ssh(node, "sh", "-c", $"ls -d /run/nodeagent/pods/{uid} /var/lib/nodeagent/pods/{uid} 2>/dev/null; grep {uid} /proc/self/mountinfo; find /sys/fs/cgroup -name 'pod{uid}' 2>/dev/null; pgrep -f '{uid}[/]'; true")).Trim());
        }
    });

    private async Task<string[]> Said(string node, string directory) =>
        (await Cluster.Ssh(node, "cat", $"{directory}/log")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
