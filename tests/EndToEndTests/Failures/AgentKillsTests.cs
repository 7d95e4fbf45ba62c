using EndToEndTests.Fixture;

namespace EndToEndTests.Failures;

/// <summary>An agent that is killed a hundred times, at any moment: its pods serve, log and stay ready as if it were not.</summary>
public sealed class AgentKillsTests(FaultCluster cluster) : FaultTest(cluster)
{
    /// <summary>Of each node's agent; there are two.</summary>
    private const int Kills = 50;

    /// <summary>Read by agents when they start. Theirs are killed before they can renew: this is about what their pods notice, and not about nodes that are lost.</summary>
    private const string Flags = "/etc/default/nodeagent", LongLease = "--node-lease-duration-seconds 60";

    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          replicas: 2
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec:
              containers:
              - name: nginx
                image: nginx
                ports: [{ containerPort: 80 }]
                readinessProbe: { httpGet: { path: /, port: 80 }, periodSeconds: 1, timeoutSeconds: 10 }
                livenessProbe: { exec: { command: ["true"] }, periodSeconds: 5, timeoutSeconds: 30 }
              - name: counter
                image: busybox
                command: [sh, -c, "n=0; while true; do n=$((n+1)); echo $n; sleep 0.1; done"]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: web }
        spec: { selector: { app: web }, ports: [{ port: 80 }] }
        """;

    [Fact]
    public Task A_hundred_kills_drop_no_request_no_log_line_and_no_pod() => InNamespace(async here =>
    {
        await here.Pipe(Manifest, "kubectl apply -f -");
        var pods = await here.PodsReady("app=web", 2);
        var victim = pods[0];
        var url = $"http://{await here.Field("svc web", ".spec.clusterIP")}";
        await here.Answers(victim.Node, url);
        var before = await State(here);
        await using (var calls = await ConstantCalls.Start(Cluster, victim.Node, url, seconds: 10))
        {
            await calls.Succeed(5);
            await Task.WhenAll(Cluster.Nodes.Select(node => KillAgent(here, node)));
            await calls.Succeed(20);
            Assert.All(await calls.Codes(), code => Assert.Equal("200", code));
        }
        Assert.Equal(before, await State(here));

        // The last of them is at work: it makes and ends pods, and has left nothing of a probe's command.
        await here.Run("kubectl scale deployment web --replicas=4");
        await here.PodsReady("app=web", 4);
        var counted = (await Cluster.ContainerLog(victim, "counter")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[^1]).ToList();
        Assert.Equal(Enumerable.Range(1, counted.Count).Select(number => $"{number}"), counted);
        Assert.Equal(await Cluster.Ssh(victim.Node, "sh", "-c", "ls -d /run/nodeagent/pods/*/containers/* | wc -l"), await Cluster.Ssh(victim.Node, "sh", "-c", "pgrep -c '^conmon$' || true"));
        await Eventually.Get("nothing of the probes of killed agents runs", () => Cluster.Ssh(victim.Node, "sh", "-c", "pgrep -fc 'runc.*exec --pid-file' || true"), count => int.Parse(count) <= 2);

        await here.Run("kubectl delete deployment web");
        await Eventually.Get("no pod is left", () => here.Run("kubectl get pods -A -o name"), pods => pods.Trim().Length == 0);
        foreach (var node in Cluster.Nodes) await Eventually.Get($"{node} holds nothing of any pod", () => Cluster.PodTraces(node), traces => traces.Length == 0);
    });

    /// <summary>It is killed while it starts, adopts, probes. Only sometimes it gets so far as to renew its lease: a node whose agent never does is lost, and rightly so.</summary>
    private async Task KillAgent(NamespacedTest here, string node)
    {
        await Cluster.Ssh(node, "sh", "-c", $"mkdir -p /etc/default && echo '{LongLease}' >>{Flags}");
        for (var kill = 1; kill <= Kills; kill++)
        {
            if (kill == Kills) await Cluster.Ssh(node, "sed", "-i", $"/{LongLease}/d", Flags);
            await Cluster.CrashAgent(node);
            await Task.Delay(Random.Shared.Next(500));
            if (kill != 1 && kill % 5 != 0) continue;
            var lease = await Lease();
            await Eventually.Get($"{node} renews its lease", Lease, time => time != lease);
        }

        Task<string> Lease() => here.Field($"lease {node} -n kube-node-lease", ".spec.renewTime");
    }

    /// <summary>What must not change: containers, their restarts, and since when the pods are ready.</summary>
    private static Task<string> State(NamespacedTest here) => here.Run(
        "kubectl get pods -l app=web -o jsonpath='{range .items[*]}{.metadata.name} {.status.containerStatuses[*].containerID} {.status.containerStatuses[*].restartCount} {.status.conditions[?(@.type==\"Ready\")].lastTransitionTime}{\"\\n\"}{end}'");
}
