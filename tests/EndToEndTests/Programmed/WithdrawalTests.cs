using EndToEndTests.Fixture;

namespace EndToEndTests.Programmed;

/// <summary>A node whose rules still lead to a pod that is deleted: the pod is told to end when that node has other rules, not before.</summary>
public sealed class WithdrawalTests(FaultCluster cluster) : FaultTest(cluster)
{
    /// <summary>Calls in which each of two pods is met: one of them is missed by chance in 2 of 2^40 runs.</summary>
    private const int Calls = 40;

    /// <summary>The wait is bounded by ten seconds; on a machine so busy that a look at it takes longer, it is looked at again.</summary>
    private const int Tries = 4;

    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: { name: web }
        spec: { selector: { app: web }, ports: [{ port: 80 }] }
        """;

    [Fact]
    public Task A_pod_serves_a_node_whose_agent_is_stopped_and_is_told_to_end_when_that_agent_goes_on() => InNamespace(async here =>
    {
        var (stopped, other) = (Cluster.Nodes[0], Cluster.Nodes[1]);
        await here.Pipe($"{Service}\n---\n{Server("stays", stopped)}", "kubectl apply -f -");
        for (var again = 1; ; again++)
        {
            var leaves = $"leaves-{again}";
            await here.Pipe(Server(leaves, other), "kubectl apply -f -");
            var pod = (await here.PodsReady("app=web", 2)).Single(pod => pod.Name == leaves);
            await here.Run("kubectl wait --for=condition=Programmed --timeout=60s service/web");
            if (await IsServedUntilToldToEnd(here, pod, stopped)) return;
            Assert.True(again < Tries, $"the pod never waited for as long as it took to look at it\n{await here.Run("kubectl get events")}");
        }
    });

    /// <returns>False: the wait was at its bound before all was looked at, which shows nothing.</returns>
    private async Task<bool> IsServedUntilToldToEnd(NamespacedTest here, TestPod leaves, string stopped)
    {
        var address = await here.Field("svc web", ".spec.clusterIP");
        string[] during;
        string said;
        await Cluster.Ssh(stopped, "pkill", "-STOP", "-x", "nodeagent");
        try
        {
            await Cluster.HoldLease(stopped);
            await here.Run($"kubectl delete pod {leaves.Name} --wait=false");
            // All but the stopped node have said by now that they have the change.
            var (_, left) = await Eventually.Get("the pod waits for the stopped node, or is gone", async () => (Events: await Events(here, leaves), Left: await here.Run($"kubectl get pod {leaves.Name} --ignore-not-found")),
                state => state.Events.Contains($"Still in the Service rules of {stopped}", StringComparison.Ordinal) || state.Left.Length == 0);
            Assert.True(left.Length > 0, "the pod has not waited: it is gone while a node's rules lead to it");
            during = await Call(stopped, address);
            said = await Cluster.ContainerLog(leaves, "web");
        }
        finally { await Cluster.Ssh(stopped, "pkill", "-CONT", "-x", "nodeagent"); }
        await here.Run($"kubectl wait --for=delete --timeout=80s pod/{leaves.Name}");
        if ((await Events(here, leaves)).Contains("Stopping although", StringComparison.Ordinal)) return false;

        Assert.All(during, answer => Assert.True(answer == "stays" || answer == leaves.Name, $"a call through the clusterIP: {answer}; the pod's log: {said}"));
        Assert.Contains(leaves.Name, during);
        Assert.DoesNotContain("told to end", said, StringComparison.Ordinal);
        Assert.All(await Call(stopped, address), answer => Assert.Equal("stays", answer));
        return true;
    }

    private static Task<string> Events(NamespacedTest here, TestPod pod) => here.Run($"kubectl get events --field-selector involvedObject.name={pod.Name},reason=EndpointsNotWithdrawn");

    /// <summary>Calls with a connection each: the name of the pod that answered, or curl's exit code.</summary>
    private async Task<string[]> Call(string machine, string address)
    {
        var answers = await Cluster.Ssh(machine, "sh", "-c", $"curl -s --fail-early --max-time 10 -H 'Connection: close' -w 'curl %{{exitcode}}\\n' 'http://{address}/?[1-{Calls}]' || true");
        var lines = answers.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // A call that is answered has two lines: the page and curl's 0.
        return [.. lines.Where(line => line != "curl 0")];
    }

    /// <summary>Its page is its name. It ends at its stop signal at once, with whatever it was doing.</summary>
    private static string Server(string name, string node) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: {{name}}, labels: { app: web } }
        spec:
          nodeName: {{node}}
          terminationGracePeriodSeconds: 60
          containers:
          - name: web
            image: nginx
            command: [sh, -c, "hostname >/usr/share/nginx/html/index.html; trap 'echo told to end; exit 0' TERM QUIT; nginx -g 'daemon off;' & wait"]
            ports: [{ containerPort: 80 }]
            readinessProbe: { httpGet: { path: /, port: 80 }, periodSeconds: 1, timeoutSeconds: 10 }
        """;
}
