using EndToEndTests.Fixture;
using Xunit.Abstractions;

namespace EndToEndTests.Volumes;

/// <summary>Secrets and tokens from kubectl to a container's files.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class SecretVolumeTests(TestCluster cluster, ITestOutputHelper output) : EndToEndTest(cluster)
{
    private const int Rewrites = 200;

    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: reader, labels: {app: reader}}
        spec:
          terminationGracePeriodSeconds: 0
          volumes: [{name: s, secret: {secretName: pair}}]
          containers:
          - name: c
            image: busybox
            command: [sh, -c, 'COMMAND']
            volumeMounts: [{name: s, mountPath: /v}]
        """;

    /// <summary>Says so when two keys do not match, or one cannot be read: by the directory they lie in, and by their own names.</summary>
    private const string Reader = """
        echo reads; while :; do d=$(readlink /v/..data); a=$(cat /v/$d/a) && b=$(cat /v/$d/b) || echo missing; test "$a" = "$b" || echo torn: $a $b; cat /v/a /v/b > /dev/null || echo missing; done
        """;

    [Theory]
    [MemberData(nameof(BothKubectls))]
    public Task A_pod_waits_for_its_secret_starts_with_it_and_sees_it_change(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe(Pod.Replace("COMMAND", "sleep 3600"), "kubectl create -f -");
        await Eventually.Get("the event", () => here.Run("kubectl describe pod reader"), text => text.Contains("FailedMount") && text.Contains("MountVolume.SetUp failed for volume \"s\" : secret \"pair\" not found"));
        Assert.Matches("reader +0/1 +ContainerCreating", await here.Run("kubectl get pod reader"));
        await here.Run("kubectl create secret generic pair --from-literal=a=one --from-literal=b=one");
        await here.PodsReady("app=reader", 1);
        Assert.Equal("one", (await here.Run("kubectl exec reader -- cat /v/a")).Trim());
        await here.Run("""kubectl patch secret pair -p '{"stringData":{"a":"two"}}'""");
        await Eventually.Get("the new value", () => here.Run("kubectl exec reader -- cat /v/a"), text => text.Trim() == "two");
        Assert.Contains("Read-only file system", (await here.Kubectl.TryRun("kubectl exec reader -- touch /v/x")).Error);
    }, kubectl);

    [Fact]
    public Task A_reader_never_sees_a_torn_or_missing_file_while_a_secret_is_rewritten() => InNamespace(async here =>
    {
        await here.Run("kubectl create secret generic pair --from-literal=a=0 --from-literal=b=0");
        await here.Pipe(Pod.Replace("COMMAND", Reader.Trim()), "kubectl create -f -");
        var pod = Assert.Single(await here.PodsReady("app=reader", 1));
        var file = $"/run/nodeagent/pods/{pod.Uid}/volumes/s/b";
        var latencies = new List<double>();
        for (var i = 1; i <= Rewrites; i++)
        {
            var seen = Cluster.Ssh(pod.Node, "sh", "-c", $"until test \"$(cat {file})\" = {i}; do sleep 0.01; done; date +%s%N");
            var asked = DateTime.UtcNow;
            await here.Run($$$"""kubectl patch secret pair -p '{"stringData":{"a":"{{{i}}}","b":"{{{i}}}"}}'""");
            latencies.Add((DateTime.UnixEpoch.AddTicks(long.Parse(await seen) / 100) - asked).TotalMilliseconds);
        }
        latencies.Sort();
        output.WriteLine($"kubectl patch → new bytes in the pod, kubectl's own start included: p50 {latencies[Rewrites / 2]:0} ms, p99 {latencies[Rewrites * 99 / 100]:0} ms");
        var log = await Cluster.ContainerLog(pod, "c");
        Assert.EndsWith(" reads", Assert.Single(log.TrimEnd().Split('\n')));
    });

    [Fact]
    public Task A_pod_calls_the_API_as_its_service_account() => InNamespace(async here =>
    {
        await here.Run("kubectl create serviceaccount looker");
        await here.Run("kubectl create role look --verb=list --resource=pods");
        await here.Run($"kubectl create rolebinding look --role=look --serviceaccount={here.Namespace}:looker");
        await here.Pipe("""
            apiVersion: v1
            kind: Pod
            metadata: {name: caller, labels: {app: caller}}
            spec:
              serviceAccountName: looker
              terminationGracePeriodSeconds: 0
              containers: [{name: c, image: curlimages/curl, command: [sleep, "3600"]}]
            """, "kubectl create -f -");
        await here.PodsReady("app=caller", 1);
        Task<string> Call(string path) => here.Run($$"""kubectl exec caller -- sh -c 'cd /var/run/secrets/kubernetes.io/serviceaccount && curl -sS --max-time 10 --cacert ca.crt -H "Authorization: Bearer $(cat token)" https://kubernetes.default.svc/api/v1/namespaces/$(cat namespace)/{{path}}'""");
        Assert.Contains("\"name\": \"caller\"", (await Call("pods")).Replace("\":\"", "\": \""));
        Assert.Contains($"secrets is forbidden: User \\\"system:serviceaccount:{here.Namespace}:looker\\\" cannot list resource", await Call("secrets"));
    });

    [Fact]
    public Task No_byte_of_a_secret_reaches_a_disk_a_log_or_a_command_line() => InNamespace(async here =>
    {
        var canary = $"canary{Guid.NewGuid():N}";
        await here.Pipe(canary, "kubectl create secret generic pair --from-file=a=/dev/stdin");
        await here.Pipe(canary, "kubectl create secret docker-registry pull --docker-server=127.0.0.1:1 --docker-username=u --docker-password=$(cat)");
        await here.Pipe("""
            apiVersion: v1
            kind: Pod
            metadata: {name: user, labels: {app: user}}
            spec:
              terminationGracePeriodSeconds: 0
              imagePullSecrets: [{name: pull}]
              volumes: [{name: s, secret: {secretName: pair}}, {name: p, projected: {sources: [{secret: {name: pair}}]}}]
              containers:
              - name: c
                image: busybox
                command: [sleep, "3600"]
                env: [{name: CANARY, valueFrom: {secretKeyRef: {name: pair, key: a}}}]
                volumeMounts: [{name: s, mountPath: /s}, {name: p, mountPath: /p}, {name: s, mountPath: /one, subPath: a}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: puller}
            spec: {imagePullSecrets: [{name: pull}], containers: [{name: c, image: "127.0.0.1:1/none:1", imagePullPolicy: Always}]}
            """, "kubectl create -f -");
        await here.PodsReady("app=user", 1);
        Assert.Equal(4, (await here.Run("kubectl exec user -- sh -c 'cat /s/a; echo; cat /p/a; echo; cat /one; echo; echo $CANARY'")).Split(canary).Length - 1);
        await Eventually.Get("the pull was tried", () => here.Run("kubectl get pod puller"), text => text.Contains("ImagePull"));
        await here.Run("kubectl logs user; kubectl describe pods; kubectl get events");
        await Cluster.Script("status");
        // It is looked for in the right way: memory has it.
        var host = await here.Field("pod user", ".spec.nodeName");
        Assert.Contains("/volumes/s/", await Cluster.Ssh(host, "sh", "-c", Search(canary, "/run/nodeagent/pods")));
        var forms = new[] { canary, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(canary)).TrimEnd('=') };
        foreach (var form in forms)
        {
            foreach (var node in Cluster.Nodes) Assert.Equal("", await Cluster.Ssh(node, "sh", "-c", Search(form, "/var/lib/nodeagent /var/log /etc /tmp")));
            var lab = await here.Kubectl.TryRun(Search(form, "/var/lib/nodeagent-lab /run/nodeagent-lab /var/log"));
            Assert.Equal("", lab.Output);
            var commands = await here.Kubectl.TryRun($"grep -l -a -F -f <(cat) /proc/[0-9]*/cmdline", form);
            Assert.Equal("", commands.Output);
        }
    });

    /// <summary>Names of files that hold it. The pattern is put together by the shell, so that no command line holds it.</summary>
    private static string Search(string text, string directories) =>
        $"printf %s%s {text[..8]} {text[8..]} > /dev/shm/pattern; grep -r -l -a -s -F -f /dev/shm/pattern --exclude-dir=images {directories}; rm /dev/shm/pattern; true";
}
