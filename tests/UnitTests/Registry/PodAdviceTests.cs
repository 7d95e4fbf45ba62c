using ControlPlane.Registry.Pods;
using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>What is valid in a pod and yet hardly meant.</summary>
public sealed class PodAdviceTests
{
    private const string C = "containers: [{name: c, image: i}]";

    [Theory]
    [InlineData("containers: [{name: c, image: i, env: [{name: A, value: '1'}, {name: A, value: '2'}]}]",
        "spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply")]
    [InlineData("containers: [{name: c, image: i, env: [{name: A, value: '1'}, {name: A, value: '$(A):2'}]}]", null)]
    [InlineData("containers: [{name: c, image: i, ports: [{containerPort: 80}, {containerPort: 80, name: x}]}]",
        "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]")]
    [InlineData("containers: [{name: c, image: i, ports: [{containerPort: 80}]}, {name: d, image: i, ports: [{containerPort: 80, hostPort: 81}]}]",
        "spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]")]
    [InlineData("containers: [{name: c, image: i, ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}]}]", null)]
    [InlineData(C + ", nodeSelector: {beta.kubernetes.io/arch: amd64}", "spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use \"kubernetes.io/arch\" instead")]
    [InlineData(C + ", affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: beta.kubernetes.io/os, operator: Exists}]}]}}}",
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use \"kubernetes.io/os\" instead")]
    [InlineData(C + ", hostAliases: [{ip: 10.0.0.1, hostnames: [a]}, {ip: 10.0.0.1, hostnames: [b]}]", "spec.hostAliases[1].ip: duplicate ip \"10.0.0.1\"")]
    [InlineData("containers: [{name: c, image: i, resources: {requests: {memory: 1500m}}}]", "spec.containers[0].resources.requests[memory]: fractional byte value \"1500m\" is invalid, must be an integer")]
    [InlineData(C + ", affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname}]}}",
        "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod")]
    [InlineData(C, null)]
    public void What_is_hardly_meant_is_said(string spec, string? advice)
    {
        var pod = Manifest.Read<Pod>($"{{metadata: {{name: a}}, spec: {{{spec}}}}}");
        var defaulted = (Pod)Manifest.Kind<Pod>().Default(pod);
        Assert.Equal(advice is null ? [] : [advice], PodAdvice.Of(defaulted.Spec!, "spec"));
        Assert.Equal(advice is null ? [] : [advice], Manifest.Kind<Pod>().Warnings(defaulted));
    }
}
