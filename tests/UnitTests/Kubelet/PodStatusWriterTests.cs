using KubeApi;
using KubeApi.Objects;
using NodeAgent.Kubelet;
using UnitTests.Controllers;

namespace UnitTests.Kubelet;

public class PodStatusWriterTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private static readonly PodStatus Running = new()
    {
        Phase = "Running", PodIP = "10.244.9.9", Conditions = [new PodCondition { Type = "Ready", Status = "True", LastTransitionTime = TestObjects.Now }],
    };

    [Fact]
    public async Task A_pod_that_the_control_plane_called_not_ready_is_called_ready_again_by_its_node()
    {
        var ns = await cluster.Namespace();
        var pod = await cluster.Api.Create(new Pod { Metadata = new ObjectMeta { Name = "p", Namespace = ns }, Spec = TestObjects.Template().Spec! with { NodeName = "elsewhere" } }, default);
        var writer = new PodStatusWriter(cluster.Api, _ => { });
        await Write(writer, pod);
        pod = await cluster.Api.Get<Pod>(ns, "p", default);
        Assert.Equal("True", Ready(pod));
        var written = pod.Metadata.ResourceVersion;
        await Write(writer, pod);
        Assert.Equal(written, (await cluster.Api.Get<Pod>(ns, "p", default)).Metadata.ResourceVersion); // nothing new, nothing written

        PodCondition[] conditions = [new PodCondition { Type = "Ready", Status = "False", Reason = "NodeNotReady", LastTransitionTime = TestObjects.Now }];
        pod = await cluster.Api.MergePatch<Pod>(ns, "p", new { status = new { conditions } }, default, "status");
        Assert.Equal("False", Ready(pod));
        await Write(writer, pod);
        Assert.Equal("True", Ready(await cluster.Api.Get<Pod>(ns, "p", default)));
    }

    private static string? Ready(Pod pod) => pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status;

    private static async Task Write(PodStatusWriter writer, Pod pod)
    {
        writer.Set(pod, Running, default);
        await writer.Flush();
    }
}
