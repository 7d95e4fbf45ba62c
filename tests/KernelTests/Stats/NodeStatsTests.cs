using KernelTests.Kubelet;
using KubeApi.Objects;
using NodeAgent.Stats;

namespace KernelTests.Stats;

/// <summary>Figures of real containers.</summary>
[Collection("kubelet")] // they share the cgroup
public class NodeStatsTests
{
    [Fact]
    public async Task A_container_s_memory_processor_and_disk_are_counted()
    {
        await using var node = await TestNode.Create();
        var pod = await node.Running(node.Run(["take", "30"], container: c => c with { VolumeMounts = [new VolumeMount { Name = "v", MountPath = "/v" }] },
            spec: spec => spec with { Volumes = [new Volume { Name = "v", EmptyDir = new EmptyDirVolumeSource() }] }));
        File.WriteAllBytes(Path.Combine(node.Paths.Volume(pod.Metadata.Uid!, "v"), "file"), new byte[3 << 20]);
        var disk = new PodDiskUsage(node.Paths, key => key == pod.Key ? pod : null);
        var stats = new NodeStats("node1", node.Paths, () => [node.Record(pod)], record => disk.Of(record, TimeSpan.Zero));
        PodSummary Read() => Assert.Single(stats.Read(everything: true).Pods);
        await node.Until("30 MiB taken", () => Read().Containers.Single().Memory!.WorkingSetBytes > 30 << 20);
        var summary = Read();
        var container = Assert.Single(summary.Containers);
        Assert.Equal(("c", pod.Name, "default"), (container.Name, summary.PodRef.Name, summary.PodRef.Namespace));
        Assert.InRange(container.Memory!.WorkingSetBytes, 30 << 20, 60 << 20);
        Assert.True(container.Cpu!.UsageCoreNanoSeconds > 0);
        Assert.NotNull(container.Cpu.UsageNanoCores);
        Assert.True(summary.Memory!.WorkingSetBytes >= container.Memory.WorkingSetBytes);
        Assert.Equal(1, summary.Processes!.ProcessCount);
        Assert.InRange(Assert.Single(summary.Volumes!).UsedBytes, 3 << 20, 4 << 20);
        Assert.True(container.Logs!.UsedBytes > 0);
        var whole = stats.Read(everything: true).Node;
        Assert.True(whole.Memory!.WorkingSetBytes > 0 && whole.Memory.AvailableBytes > 0 && whole.Fs!.CapacityBytes > 0 && whole.Rlimit!.Curproc > 0);
        Assert.Contains("pod_memory_working_set_bytes{namespace=\"default\"", ResourceMetrics.Render(stats.Read(everything: false)));
    }

    [Fact]
    public async Task A_walk_counts_blocks_and_names_of_one_file_once_and_follows_no_link()
    {
        var directory = Directory.CreateTempSubdirectory("du-");
        try
        {
            File.WriteAllBytes(Path.Combine(directory.FullName, "a"), new byte[1 << 20]);
            File.CreateSymbolicLink(Path.Combine(directory.FullName, "out"), "/usr");
            Directory.CreateDirectory(Path.Combine(directory.FullName, "sub"));
            var before = global::Linux.DiskUsage.Of(directory.FullName);
            Assert.InRange(before.Bytes, 1 << 20, (1 << 20) + 65536);
            Assert.Equal(4, before.Files);
            await global::Linux.CommandRunner.Run("ln", [Path.Combine(directory.FullName, "a"), Path.Combine(directory.FullName, "sub/b")]);
            Assert.Equal(4, global::Linux.DiskUsage.Of(directory.FullName).Files);
            Assert.Equal((0, 0), global::Linux.DiskUsage.Of("/nonexistent"));
        }
        finally { directory.Delete(recursive: true); }
    }
}
