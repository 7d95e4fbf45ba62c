using EndToEndTests.Fixture;

namespace EndToEndTests.Containers;

/// <summary>What a manifest asks of its containers, seen through kubectl and from inside of them.</summary>
public sealed class ContainerTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private static string Pod(string name, string script, string container = "", string spec = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, labels: {app: shown}, annotations: {note: kept} }
        spec:
          restartPolicy: Never
        {{spec}}
          containers:
          - name: c
            image: busybox
            imagePullPolicy: IfNotPresent
            command: [sh, -c, {{System.Text.Json.JsonSerializer.Serialize(script)}}]
        {{container}}
        """;

    /// <summary>What the container printed, once it has ended well.</summary>
    private static async Task<string> Output(NamespacedTest here, string name, string manifest)
    {
        await here.Pipe(manifest, "kubectl apply -f -");
        var phase = await Eventually.Get($"pod {name} ended", () => here.Field($"pod {name}", ".status.phase"), phase => phase is "Succeeded" or "Failed");
        var output = await here.Run($"kubectl logs {name} -c c");
        Assert.True(phase == "Succeeded", output);
        return output;
    }

    private static Task<string> Waiting(NamespacedTest here, string pod, string field, Func<string, bool> right) =>
        Eventually.Get($"pod {pod} waits and has a {field}", () => here.Field($"pod {pod}", $".status.containerStatuses[0].state.waiting.{field}"), right);

    [Fact]
    public Task The_environment_comes_from_values_fields_resources_ConfigMaps_and_Secrets() => InNamespace(async here =>
    {
        await here.Run("kubectl create configmap colors --from-literal=COLOR=red --from-literal=odd.key=1");
        await here.Run("kubectl create secret generic keys --from-literal=password=hidden");
        var output = await Output(here, "env", Pod("env", "tr '\\0' '\\n' < /proc/self/environ; echo $0", """
                args: ["expanded $(GREETING)"]
                envFrom:
                - configMapRef: {name: colors}
                - {prefix: S_, secretRef: {name: keys}}
                - secretRef: {name: none, optional: true}
                env:
                - {name: GREETING, value: "hello $(COLOR) $$(COLOR) $(NONE)"}
                - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                - {name: NODE_IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
                - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
                - {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
                - {name: NOTE, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['note']"}}}
                - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
                - {name: PASSWORD, valueFrom: {secretKeyRef: {name: keys, key: password}}}
                resources: {limits: {cpu: 250m}}
            """));
        var lines = output.Split('\n');
        foreach (var line in new[] { "COLOR=red", "odd.key=1", "S_password=hidden", "GREETING=hello red $(COLOR) $(NONE)", "APP=shown", "NOTE=kept", "CPU=250", "PASSWORD=hidden",
            "HOSTNAME=env", "expanded hello red $(COLOR) $(NONE)" }) Assert.Contains(line, lines);
        Assert.Contains($"POD_IP={await here.Field("pod env", ".status.podIP")}", lines);
        Assert.Contains($"NODE_IP={await here.Field("pod env", ".status.hostIP")}", lines);
        Assert.Contains($"NODE={await here.Field("pod env", ".spec.nodeName")}", lines);
        Assert.Contains(lines, line => line.StartsWith("KUBERNETES_SERVICE_HOST=", StringComparison.Ordinal));
    });

    [Fact]
    public Task A_missing_ConfigMap_or_key_is_named_and_the_container_starts_once_it_is_there() => InNamespace(async here =>
    {
        await here.Pipe(Pod("waits", "echo got $V", "    env: [{name: V, valueFrom: {configMapKeyRef: {name: late, key: k}}}]"), "kubectl apply -f -");
        await Waiting(here, "waits", "reason", text => text == "CreateContainerConfigError");
        Assert.Equal("configmap \"late\" not found", await Waiting(here, "waits", "message", text => text != ""));
        Assert.Matches("waits +0/1 +CreateContainerConfigError", await here.Run("kubectl get pod waits"));
        await Eventually.Get("its event", () => here.Run("kubectl get events"), events => events.Contains("Error: configmap \"late\" not found"));
        await here.Run("kubectl create configmap late --from-literal=other=1");
        await Waiting(here, "waits", "message", text => text.StartsWith("couldn't find key k in ConfigMap ", StringComparison.Ordinal));
        await here.Run("""kubectl patch configmap late -p '{"data": {"k": "it"}}'""");
        await Eventually.Get("it ran", () => here.Field("pod waits", ".status.phase"), phase => phase == "Succeeded");
        Assert.Equal("got it\n", await here.Run("kubectl logs waits"));
    });

    [Fact]
    public Task Users_groups_and_rights_are_those_of_the_security_context() => InNamespace(async here =>
    {
        var output = await Output(here, "user", Pod("user", "id; grep -E 'CapEff|NoNewPrivs|^Seccomp:' /proc/self/status; touch /x 2>&1; ulimit -n; pwd", """
                workingDir: /made/here
                securityContext:
                  allowPrivilegeEscalation: false
                  readOnlyRootFilesystem: true
                  capabilities: {drop: [ALL]}
                  seccompProfile: {type: RuntimeDefault}
            """, "  securityContext: {runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000]}"));
        Assert.Contains("uid=1000 gid=3000 groups=3000,4000", output);
        Assert.Matches(@"CapEff:\s+0000000000000000", output);
        Assert.Matches(@"NoNewPrivs:\s+1", output);
        Assert.Matches(@"Seccomp:\s+2", output);
        Assert.Contains("Read-only file system", output);
        Assert.EndsWith("/made/here\n", output);

        await here.Pipe(Pod("root", "id", "    securityContext: {runAsNonRoot: true}"), "kubectl apply -f -");
        Assert.StartsWith("container has runAsNonRoot and image will run as root", await Waiting(here, "root", "message", text => text != ""));
    });

    [Fact]
    public Task Sysctls_that_are_safe_are_set_and_others_fail_the_pod() => InNamespace(async here =>
    {
        Assert.Equal("30000\t31000\n0\n", await Output(here, "safe", Pod("safe", "cat /proc/sys/net/ipv4/ip_local_port_range /proc/sys/net/ipv4/ip_unprivileged_port_start",
            spec: "  securityContext: {sysctls: [{name: net.ipv4.ip_local_port_range, value: '30000 31000'}]}")));
        await here.Pipe(Pod("unsafe", "true", spec: "  securityContext: {sysctls: [{name: net.ipv4.ip_forward, value: '1'}]}"), "kubectl apply -f -");
        await Eventually.Get("it failed", () => here.Field("pod unsafe", ".status.reason"), reason => reason == "SysctlForbidden");
        Assert.Equal("Pod was rejected: forbidden sysctl: \"net.ipv4.ip_forward\" not allowlisted", await here.Field("pod unsafe", ".status.message"));
        Assert.Matches("unsafe +0/1 +SysctlForbidden", await here.Run("kubectl get pod unsafe"));
    });

    [Fact]
    public Task Containers_that_share_processes_and_memory_find_each_other() => InNamespace(async here =>
    {
        var output = await Output(here, "shared", Pod("shared", "for i in $(seq 100); do [ -f /dev/shm/note ] && break; sleep 0.1; done; cat /dev/shm/note; ps; kill $(pidof sleep)", """
              - name: other
                image: busybox
                imagePullPolicy: IfNotPresent
                command: [sh, -c, 'echo shared > /dev/shm/note; sleep 1000; exit 0']
            """, "  shareProcessNamespace: true"));
        Assert.Contains("shared\n", output);
        Assert.Contains("sleep 1000", output);
    });

    [Fact]
    public Task A_container_that_takes_too_much_memory_is_OOMKilled() => InNamespace(async here =>
    {
        await here.Pipe(Pod("eats", "tail /dev/zero", "    resources: {limits: {memory: 20Mi}}"), "kubectl apply -f -");
        await Eventually.Get("it is killed", () => here.Field("pod eats", ".status.containerStatuses[0].state.terminated.reason"), reason => reason == "OOMKilled");
        Assert.Equal("137", await here.Field("pod eats", ".status.containerStatuses[0].state.terminated.exitCode"));
    });
}
