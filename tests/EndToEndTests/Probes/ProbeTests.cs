using EndToEndTests.Fixture;

namespace EndToEndTests.Probes;

/// <summary>What probes do to pods, Services and users' understanding.</summary>
public sealed class ProbeTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Manifest = """
        apiVersion: v1
        kind: Service
        metadata: { name: web }
        spec: { selector: { app: web }, ports: [{ port: 80 }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: web, labels: { app: web } }
        spec:
          containers:
          - name: nginx
            image: nginx
            ports: [{ name: http, containerPort: 80 }]
            startupProbe: { tcpSocket: { port: http }, periodSeconds: 1, failureThreshold: 60 }
            readinessProbe: { httpGet: { path: /ready.html, port: http }, periodSeconds: 1, failureThreshold: 1 }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: dies, labels: { app: dies } }
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - name: c
            image: busybox
            command: [sh, -c, "touch /tmp/alive; sleep 3600"]
            livenessProbe: { exec: { command: [cat, /tmp/alive] }, periodSeconds: 1, failureThreshold: 2, timeoutSeconds: 5 }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: wrong }
        spec:
          containers:
          - name: port
            image: busybox
            command: [sleep, "3600"]
            readinessProbe: { httpGet: { path: /, port: web }, periodSeconds: 1 }
          - name: refused
            image: busybox
            command: [sleep, "3600"]
            readinessProbe: { tcpSocket: { port: 81 }, periodSeconds: 1 }
          - name: slow
            image: busybox
            command: [sleep, "3600"]
            readinessProbe: { exec: { command: [sleep, "100"] }, periodSeconds: 1 }
          - name: nosuch
            image: busybox
            command: [sleep, "3600"]
            readinessProbe: { exec: { command: [nosuch] }, periodSeconds: 1 }
        """;

    [Fact]
    public Task Readiness_decides_about_endpoints_liveness_about_restarts_and_what_is_wrong_is_told_in_Kubernetes_words() => InNamespace(async here =>
    {
        await here.Pipe(Manifest, "kubectl apply -f -");
        await Told(here, "web", "Readiness probe failed: HTTP probe failed with statuscode: 404");
        await here.EndpointsAre("web", []);
        Assert.Equal("true", await here.Field("pod web", ".status.containerStatuses[0].started"));
        Assert.Equal("false", await here.Field("pod web", ".status.containerStatuses[0].ready"));
        await here.Run("kubectl exec web -- touch /usr/share/nginx/html/ready.html");
        var pod = (await here.PodsReady("app=web", 1))[0];
        await here.EndpointsAre("web", [pod.Address]);
        await here.Run("kubectl exec web -- rm /usr/share/nginx/html/ready.html");
        await here.EndpointsAre("web", []);
        Assert.Equal("0", await here.Field("pod web", ".status.containerStatuses[0].restartCount"));

        await here.PodsReady("app=dies", 1);
        await here.Run("kubectl exec dies -- rm /tmp/alive");
        await Eventually.Get("the container is restarted", () => here.Field("pod dies", ".status.containerStatuses[0].restartCount"), count => count == "1");
        await Told(here, "dies", "Liveness probe failed: cat: can't open '/tmp/alive': No such file or directory");
        await Told(here, "dies", "Container c failed liveness probe, will be restarted");

        var address = await here.Field("pod wrong", ".status.podIP");
        await Told(here, "wrong", "Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing \"web\": invalid syntax");
        await Told(here, "wrong", $"Readiness probe failed: dial tcp {address}:81: connect: connection refused");
        await Told(here, "wrong", "Readiness probe failed: command \"sleep 100\" timed out");
        await Told(here, "wrong", "exec: \"nosuch\": executable file not found in $PATH");
    });

    private static Task Told(NamespacedTest here, string pod, string message) => Eventually.Get($"pod {pod} has the event: {message}",
        () => here.Run($"kubectl get events --field-selector involvedObject.name={pod} -o jsonpath='{{range .items[*]}}{{.message}}{{\"\\n\"}}{{end}}'"),
        events => events.Contains(message, StringComparison.Ordinal));
}
