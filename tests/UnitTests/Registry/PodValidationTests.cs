using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>What is said about broken pods; the texts are Kubernetes' own.</summary>
public class PodValidationTests
{
    private static string Pod(string spec) => "metadata: {name: p}\nspec: " + spec;

    [Theory]
    [InlineData("{}", "spec.containers: Required value")]
    [InlineData("{containers: []}", "spec.containers: Required value")]
    [InlineData("{containers: [{image: nginx}]}", "spec.containers[0].name: Required value")]
    [InlineData("{containers: [{name: a}]}", "spec.containers[0].image: Required value")]
    [InlineData("{containers: [{name: a, image: ' nginx'}]}", "spec.containers[0].image: Invalid value: \" nginx\": must not have leading or trailing whitespace")]
    [InlineData("{containers: [{name: a, image: i}, {name: a, image: i}]}", "spec.containers[1].name: Duplicate value: \"a\"")]
    [InlineData("{containers: [{name: a, image: i, restartPolicy: Sometimes}]}",
        "spec.containers[0].restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"")]
    [InlineData("{containers: [{name: a, image: i, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]}]}",
        "spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used")]
    [InlineData("{terminationGracePeriodSeconds: 5, containers: [{name: a, image: i, lifecycle: {preStop: {sleep: {seconds: 6}}}}]}",
        "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 6: must be non-negative and less than terminationGracePeriodSeconds (5)")]
    [InlineData("{containers: [{name: a, image: i, lifecycle: {stopSignal: SIGQUIT}}]}",
        "spec.containers[0].lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`")]
    [InlineData("{restartPolicy: Sometimes, containers: [{name: a, image: i}]}",
        "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"")]
    [InlineData("{dnsPolicy: None, containers: [{name: a, image: i}]}",
        "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None")]
    [InlineData("{containers: [{name: a, image: i, imagePullPolicy: Maybe}]}",
        "spec.containers[0].imagePullPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", \"IfNotPresent\", \"Never\"")]
    [InlineData("{containers: [{name: a, image: i, ports: [{containerPort: 70000}]}]}",
        "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData("{containers: [{name: a, image: i, ports: [{name: x, containerPort: 1}, {name: x, containerPort: 2}]}]}",
        "spec.containers[0].ports[1].name: Duplicate value: \"x\"")]
    [InlineData("{containers: [{name: a, image: i, ports: [{containerPort: 80, protocol: ICMP}]}]}",
        "spec.containers[0].ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("{containers: [{name: a, image: i, env: [{value: x}]}]}", "spec.containers[0].env[0].name: Required value")]
    [InlineData("{containers: [{name: a, image: i, env: [{name: 'A=B'}]}]}",
        "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only of printable ASCII characters other than '='")]
    [InlineData("{containers: [{name: a, image: i, env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}]}",
        "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty")]
    [InlineData("{containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}", "spec.containers[0].volumeMounts[0].name: Not found: \"v\"")]
    [InlineData("{volumes: [{name: v}], containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v}, {name: v, mountPath: /v}]}]}",
        "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/v\": must be unique")]
    [InlineData("{volumes: [{name: v}, {name: v}], containers: [{name: a, image: i}]}", "spec.volumes[1].name: Duplicate value: \"v\"")]
    [InlineData("{volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}], containers: [{name: a, image: i}]}",
        "spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type")]
    [InlineData("{volumes: [{name: v, hostPath: {path: /x/../y}}], containers: [{name: a, image: i}]}",
        "spec.volumes[0].hostPath.path: Invalid value: \"/x/../y\": must not contain '..'")]
    [InlineData("{volumes: [{name: v, secret: {}}], containers: [{name: a, image: i}]}", "spec.volumes[0].secret.secretName: Required value")]
    [InlineData("{containers: [{name: a, image: i, resources: {requests: {cpu: 2}, limits: {cpu: 1}}}]}",
        "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1")]
    [InlineData("{containers: [{name: a, image: i, resources: {requests: {memory: -1Mi}}}]}",
        "spec.containers[0].resources.requests[memory]: Invalid value: \"-1Mi\": must be greater than or equal to 0")]
    [InlineData("{containers: [{name: a, image: i, livenessProbe: {}}]}", "spec.containers[0].livenessProbe: Required value: must specify a handler type")]
    [InlineData("{containers: [{name: a, image: i, livenessProbe: {tcpSocket: {port: 80}, successThreshold: 2}}]}",
        "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData("{nodeSelector: {'a b': x}, containers: [{name: a, image: i}]}",
        "spec.nodeSelector: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    [InlineData("{tolerations: [{operator: Equal, value: x}], containers: [{name: a, image: i}]}",
        "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means \"match all values and all keys\"")]
    public void A_broken_pod_is_told_what_is_wrong_and_where(string spec, string error) => Assert.Equal([error], Manifest.Errors<Pod>(Pod(spec)).Distinct());

    [Fact]
    public void Every_mistake_is_named_at_once() => Assert.Equal(
        ["spec.containers[0].image: Required value", "spec.containers[1].ports[0].containerPort: Required value"],
        Manifest.Errors<Pod>(Pod("{containers: [{name: a}, {name: b, image: i, ports: [{name: http}]}]}")));

    private static readonly Pod Stored = Manifest.Create<Pod>(Pod("{nodeName: node1, containers: [{name: a, image: 'i:1'}]}"));

    [Fact]
    public void A_pods_image_may_change_and_raises_the_generation()
    {
        var (pod, errors) = Manifest.TryUpdate(Stored, Stored with { Spec = Stored.Spec! with { Containers = [Stored.Spec.Containers[0] with { Image = "i:2" }] } });
        Assert.Equal([], errors);
        Assert.Equal(2, pod.Metadata.Generation);
    }

    [Fact]
    public void Anything_else_of_a_pod_may_not_change()
    {
        var (_, errors) = Manifest.TryUpdate(Stored, Stored with { Spec = Stored.Spec! with { NodeName = "node2", Hostname = "x" } });
        Assert.Equal(["spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
            + "(allow it to be set to 1 if it was previously negative)\nchanged: spec.nodeName, spec.hostname"], errors);
    }

    [Fact]
    public void Containers_may_not_be_added_to_a_pod()
    {
        var (_, errors) = Manifest.TryUpdate(Stored, Stored with { Spec = Stored.Spec! with { Containers = [.. Stored.Spec.Containers, new Container { Name = "b", Image = "i" }] } });
        Assert.Equal(["spec.containers: Forbidden: pod updates may not add or remove containers"], errors);
    }

    [Fact]
    public void Scheduling_gates_may_only_go()
    {
        var open = Stored with { Spec = Stored.Spec! with { NodeName = null } };
        var gated = open with { Spec = open.Spec! with { SchedulingGates = [new PodSchedulingGate { Name = "a" }] } };
        Assert.Equal([], Manifest.TryUpdate(gated, open).Errors);
        Assert.Equal(["spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate 'a'"], Manifest.TryUpdate(open, gated).Errors);
    }

    [Fact]
    public void A_write_of_the_pod_keeps_its_status_and_a_write_of_its_status_keeps_the_rest()
    {
        var running = Stored with { Status = new PodStatus { Phase = "Running", QosClass = "BestEffort" } };
        var labels = new Dictionary<string, string> { ["a"] = "b" };
        var (written, _) = Manifest.TryUpdate(running, running with { Status = null, Metadata = running.Metadata with { Labels = labels } });
        Assert.Equal(("Running", "b", 1L), (written.Status!.Phase, written.Metadata.Labels!["a"], written.Metadata.Generation));
        var status = (Pod)Manifest.Kind<Pod>().PrepareForStatusUpdate(running, new Pod { Metadata = new ObjectMeta { Labels = labels }, Status = new PodStatus { Phase = "Failed" } });
        Assert.Equal(("Failed", "BestEffort", null, "node1"), (status.Status!.Phase, status.Status.QosClass, status.Metadata.Labels, status.Spec!.NodeName));
    }

    [Theory]
    [InlineData("{cpu: 1, memory: 1Gi}", "{cpu: 1, memory: 1Gi}", "Guaranteed")]
    [InlineData("{}", "{cpu: 1, memory: 1Gi}", "Guaranteed")] // requests follow limits
    [InlineData("{cpu: 500m}", "{cpu: 1, memory: 1Gi}", "Burstable")]
    [InlineData("{memory: 1Mi}", "{}", "Burstable")]
    [InlineData("{}", "{}", "BestEffort")]
    public void The_class_of_service_follows_from_requests_and_limits(string requests, string limits, string expected) => Assert.Equal(expected,
        Manifest.Create<Pod>(Pod($"{{containers: [{{name: a, image: i, resources: {{requests: {requests}, limits: {limits}}}}}]}}")).Status!.QosClass);

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("nginx:1.27", "IfNotPresent")]
    [InlineData("registry:5000/nginx", "Always")]
    [InlineData("registry:5000/nginx:1", "IfNotPresent")]
    [InlineData("nginx@sha256:0123", "IfNotPresent")]
    public void The_pull_policy_follows_from_the_tag(string image, string policy) =>
        Assert.Equal(policy, Manifest.Create<Pod>(Pod($"{{containers: [{{name: a, image: '{image}'}}]}}")).Spec!.Containers[0].ImagePullPolicy);

    [Fact]
    public void Fields_without_effect_are_named_by_their_paths() => Assert.Equal(
    [
        "spec.hostUsers: stored, but this version does not use user namespaces yet; such a pod is not started",
        "spec.volumes[0].emptyDir.medium: stored, but this version does not give huge pages; such a pod is not started",
    ], Manifest.Warnings<Pod>(Pod("""
        {hostUsers: false, volumes: [{name: v, emptyDir: {medium: HugePages}}], initContainers: [{name: b, image: i}],
         containers: [{name: a, image: i, securityContext: {privileged: true, seccompProfile: {type: RuntimeDefault}}, ports: [{containerPort: 80}],
                       env: [{name: A, value: x}, {name: B, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}]}
        """)));
}
