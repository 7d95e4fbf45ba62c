using KubeApi;
using KubeApi.Objects;
using Linux;
using NodeAgent.Containers;
using UnitTests.Kubelet;

namespace UnitTests.Containers;

public class PodCgroupTests
{
    private static Container Container(string name, string? requests, string? limits, string? restart = null) => new()
    {
        Name = name, RestartPolicy = restart, Resources = new ResourceRequirements { Requests = Amounts(requests), Limits = Amounts(limits) },
    };

    private static Dictionary<string, Quantity>? Amounts(string? text) => text?.Split(' ').Select(entry => entry.Split('=')).ToDictionary(pair => pair[0], pair => Quantity.Parse(pair[1]));

    private static Pod Pod(IReadOnlyList<Container> containers, params Container[] init)
    {
        var pod = Pods.Of("Always", "c");
        return pod with { Spec = pod.Spec! with { Containers = containers, InitContainers = init } };
    }

    [Fact]
    public void A_guaranteed_pod_has_the_sum_of_its_limits()
    {
        var pod = Pod([Container("a", null, "cpu=1 memory=64Mi"), Container("b", null, "cpu=500m memory=64Mi")]);
        pod = Pod([.. pod.Spec!.Containers.Select(container => container with { Resources = container.Resources! with { Requests = container.Resources.Limits } })]);
        Assert.Equal("nodeagent/podu1", PodCgroup.Path(pod));
        Assert.Equal(new CgroupLimits(1536, 150_000, 100_000, 128L << 20), PodCgroupLimits.Of(pod));
    }

    [Fact]
    public void A_burstable_pod_is_limited_only_if_all_its_containers_are()
    {
        var pod = Pod([Container("a", "cpu=100m", "cpu=1 memory=64Mi"), Container("b", "cpu=100m", "cpu=1")]);
        Assert.Equal("nodeagent/burstable/podu1", PodCgroup.Path(pod));
        Assert.Equal(new CgroupLimits(204, 200_000), PodCgroupLimits.Of(pod));
        Assert.Equal(("nodeagent/besteffort/podu1", new CgroupLimits(2)), (PodCgroup.Path(Pod([Container("a", null, null)])), PodCgroupLimits.Of(Pod([Container("a", null, null)]))));
    }

    [Fact]
    public void An_init_container_counts_only_as_far_as_it_needs_more_and_a_sidecar_always()
    {
        var pod = Pod([Container("a", "cpu=1", null)], Container("side", "cpu=1", null, "Always"), Container("init", "cpu=3", null));
        Assert.Equal(4096UL, PodCgroupLimits.Of(pod).CpuShares); // 1 + 3, more than 1 + 1
        Assert.Equal(2048UL, PodCgroupLimits.Of(Pod([Container("a", "cpu=1", null)], Container("side", "cpu=1", null, "Always"), Container("init", "cpu=500m", null))).CpuShares);
    }

    [Fact]
    public void The_same_limits_are_files_of_both_versions()
    {
        var limits = new CgroupLimits(1024, 25_000, 100_000, 4096, 10);
        Assert.Equal(["cpu.shares=1024", "cpu.cfs_period_us=100000", "cpu.cfs_quota_us=25000", "memory.limit_in_bytes=4096", "pids.max=10"],
            CgroupFiles.Version1(limits).Select(file => $"{file.File}={file.Value}"));
        Assert.Equal(["cpu.weight=39", "cpu.max=25000 100000", "memory.max=4096", "pids.max=10"], CgroupFiles.Unified(limits).Select(file => $"{file.File}={file.Value}"));
        Assert.Equal((1UL, 10000UL), (CgroupFiles.Weight(2), CgroupFiles.Weight(262144)));
    }

    [Theory]
    [InlineData("memory=250Mi", 750)]
    [InlineData("cpu=1", 999)]
    [InlineData("memory=2000Mi", 3)]
    public void A_burstable_container_is_killed_the_later_the_more_it_asked_for(string requests, int expected)
    {
        var container = Container("a", requests, null);
        Assert.Equal(expected, QosClass.OomScoreAdjust(Pod([container]), container, 1000L << 20));
    }

    [Fact]
    public void Containers_have_the_limits_of_the_agent_at_the_most()
    {
        var limits = ContainerRlimits.Of("Limit                     Soft Limit           Hard Limit           Units     \nMax core file size        0                    unlimited            bytes     \n"
            + "Max processes             15000                15000                processes \nMax open files            1024                 524288               files     \n");
        Assert.Equal(["RLIMIT_NOFILE 524288", "RLIMIT_NPROC 15000", "RLIMIT_CORE 18446744073709551615"], limits.Select(limit => $"{limit.Type} {limit.Hard}"));
    }
}
