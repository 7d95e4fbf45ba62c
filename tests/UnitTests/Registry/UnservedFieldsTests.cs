using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace UnitTests.Registry;

/// <summary>The API server's warning and the node agent's refusal speak of the same fields.</summary>
public class UnservedFieldsTests
{
    private static Pod Pod(string spec, string container) => Manifest.Create<Pod>(
        $"metadata: {{name: p}}\nspec: {{{(spec.Length > 0 ? spec + ", " : "")}containers: [{{name: a, image: i{(container.Length > 0 ? ", " + container : "")}}}]}}");

    private static bool Warned(Pod pod) => Manifest.Kind<Pod>().Warnings(pod).Any(text => text.EndsWith("such a pod is not started"));

    [Theory]
    [InlineData("hostUsers: false")]
    [InlineData("runtimeClassName: gvisor")]
    [InlineData("os: {name: windows}")]
    [InlineData("resourceClaims: [{name: c}]")]
    [InlineData("resources: {limits: {cpu: 1}}")]
    [InlineData("securityContext: {appArmorProfile: {type: RuntimeDefault}}")]
    [InlineData("volumes: [{name: v, emptyDir: {medium: HugePages}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    [InlineData("volumes: [{name: v, emptyDir: {medium: HugePages-2Mi}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    [InlineData("volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    [InlineData("volumes: [{name: v, nfs: {server: s, path: /x}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    [InlineData("volumes: [{name: v, projected: {sources: [{clusterTrustBundle: {name: b, path: p}}]}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    [InlineData("", "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: f, key: k}}}]")]
    [InlineData("", "volumeDevices: [{name: v, devicePath: /x}]")]
    [InlineData("", "resources: {limits: {example.com/gpu: 1}}")]
    [InlineData("", "securityContext: {appArmorProfile: {type: RuntimeDefault}}")]
    public void What_the_agent_refuses_earns_a_warning(string spec, string container = "")
    {
        var pod = Pod(spec, container);
        Assert.NotEmpty(Unserved.Fields(pod, pod.Spec!.Containers[0]));
        Assert.True(Warned(pod), string.Join('\n', Manifest.Kind<Pod>().Warnings(pod)));
    }

    [Theory]
    [InlineData("hostname: h, terminationGracePeriodSeconds: 1, restartPolicy: Never, nodeName: n, nodeSelector: {a: b}, tolerations: [{operator: Exists}]")]
    [InlineData("activeDeadlineSeconds: 5, initContainers: [{name: b, image: i}, {name: c, image: i, restartPolicy: Always, lifecycle: {postStart: {sleep: {seconds: 1}}}}]",
        "restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [3]}}], lifecycle: {preStop: {exec: {command: [x]}}}")]
    [InlineData("", "livenessProbe: {tcpSocket: {port: 80}}, readinessProbe: {httpGet: {port: 80}}, startupProbe: {exec: {command: [x]}}")]
    [InlineData("dnsPolicy: Default, hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]")]
    [InlineData("securityContext: {runAsUser: 1, sysctls: [{name: a.b, value: '1'}]}", "securityContext: {privileged: true, capabilities: {add: [NET_ADMIN]}}")]
    [InlineData("volumes: [{name: v}, {name: w, hostPath: {path: /x}}]", "volumeMounts: [{name: v, mountPath: /v, readOnly: true}, {name: w, mountPath: /w}]")]
    [InlineData("hostPID: true, hostIPC: true, securityContext: {seccompProfile: {type: RuntimeDefault}, supplementalGroupsPolicy: Strict}", "envFrom: [{secretRef: {name: s}}], env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]")]
    [InlineData("volumes: [{name: v}]", "volumeMounts: [{name: v, mountPath: /v, readOnly: true, recursiveReadOnly: Enabled}, {name: v, mountPath: /w, mountPropagation: HostToContainer}]")]
    [InlineData("securityContext: {fsGroup: 1}")]
    [InlineData("volumes: [{name: v}]", "volumeMounts: [{name: v, mountPath: /v, subPath: x}, {name: v, mountPath: /w, subPathExpr: x}]")]
    [InlineData("volumes: [{name: v, emptyDir: {medium: Memory, sizeLimit: 1Mi}}, {name: w, emptyDir: {sizeLimit: 1Mi}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    [InlineData("volumes: [{name: v, hostPath: {path: /x, type: Socket}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    [InlineData("volumes: [{name: v, secret: {secretName: s}}, {name: w, configMap: {name: s}}, {name: x, downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}}]", "volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /w}, {name: x, mountPath: /x}]")]
    [InlineData("volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: 3607}}, {secret: {name: s}}]}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    [InlineData("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}")]
    [InlineData("", "command: [a], args: [b], workingDir: /, env: [{name: A, value: x}], ports: [{containerPort: 80}], imagePullPolicy: Never, resources: {limits: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi}}")]
    [InlineData("volumes: [{name: v, emptyDir: {sizeLimit: 1Mi}}]", "volumeMounts: [{name: v, mountPath: /v}]")]
    public void What_works_earns_no_warning_and_no_refusal(string spec, string container = "")
    {
        var pod = Pod(spec, container);
        Assert.Empty(Unserved.Fields(pod, pod.Spec!.Containers[0]));
        Assert.Empty(Manifest.Kind<Pod>().Warnings(pod));
    }
}
