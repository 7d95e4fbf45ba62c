using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

/// <summary>The real program, killed with SIGKILL in the middle of rolling updates, and started again on the same files.</summary>
public sealed class InterruptedRolloutTests : IDisposable
{
    private const int Kills = 3, Replicas = 6;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private readonly TemporaryDirectory directory = new();
    private readonly ControlPlaneProgram program;
    private readonly CancellationTokenSource stopping = new();
    private Task kubelets = Task.CompletedTask;

    public InterruptedRolloutTests() => program = new ControlPlaneProgram(directory);

    public void Dispose()
    {
        program.Dispose();
        stopping.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task A_control_plane_killed_in_the_middle_of_a_rolling_update_finishes_it()
    {
        await program.Start();
        using var api = program.Client();
        var nodes = new ImitatedNodes(program.Client());
        await nodes.Register("node1");
        await nodes.Register("node2");
        kubelets = nodes.Run(stopping.Token); // nodes go on while the control plane is away
        var deployment = ControlledCluster.Deployment("default", Replicas);
        await api.Create(deployment with { Spec = deployment.Spec! with { Strategy = new DeploymentStrategy { RollingUpdate = new RollingUpdateDeployment { MaxSurge = 1, MaxUnavailable = 1 } } } }, default);
        await Until(api, pods => pods.Count == Replicas && pods.All(PodState.IsReady));
        for (var round = 0; round < Kills; round++)
        {
            var image = $"nginx:{round}";
            await api.MergePatch<Deployment>("default", "web", new { spec = new { template = Template(image) } }, default);
            await Until(api, pods => pods.Any(pod => Image(pod) == image)); // it has begun and is not done
            await program.Kill();
            await program.Start();
            await Until(api, pods => pods.Count == Replicas && pods.All(pod => PodState.IsReady(pod) && Image(pod) == image));
        }
        await Until(api, async () => (await api.Get<Deployment>("default", "web", default)).Status is { } status && status is { Replicas: Replicas, UpdatedReplicas: Replicas, AvailableReplicas: Replicas }
            && status.Conditions!.Any(condition => condition.Reason == "NewReplicaSetAvailable"));
        var sets = (await api.List<ReplicaSet>(new ListOptions("default"), default)).Items;
        Assert.Equal(Kills + 1, sets.Count); // one of each template: none was made twice
        Assert.Equal(Replicas, sets.Sum(set => set.Spec!.Replicas));
        Assert.Equal(["1", "2", "3", "4"], sets.Select(set => set.Metadata.Annotations![DeploymentSets.Revision]).Order());
        await stopping.CancelAsync();
        await kubelets;
    }

    private static string? Image(Pod pod) => pod.Spec?.Containers[0].Image;

    private Task Until(ApiClient api, Func<IReadOnlyList<Pod>, bool> holds) =>
        Until(api, async () => holds((await api.List<Pod>(new ListOptions("default"), default)).Items.Where(PodState.IsActive).ToList()));

    private async Task Until(ApiClient api, Func<Task<bool>> holds)
    {
        for (var end = DateTime.UtcNow + Bound; !await holds(); await Task.Delay(10))
        {
            if (kubelets.IsFaulted) await kubelets; // it is the test that failed
            if (DateTime.UtcNow > end)
                Assert.Fail($"not within {Bound.TotalSeconds} s: {string.Join(", ", (await api.List<Pod>(new ListOptions("default"), default)).Items.Select(pod => $"{pod.Name} {Image(pod)} {pod.Status?.Phase} on {pod.Spec?.NodeName}"))}");
        }
    }
}
