using System.Text;
using KernelTests.Kubelet;
using NodeAgent.Logs;

namespace KernelTests.Logs;

/// <summary>Rotation under a real conmon that is being written through.</summary>
[Collection("kubelet")] // they share the cgroup
public class LogRotationTests
{
    private const int Lines = 300_000;

    [Fact]
    public async Task No_line_is_lost_or_doubled_through_rotations()
    {
        await using var node = await TestNode.Create();
        var pod = await node.Running(node.Run(["count", $"{Lines}"], policy: "Never"));
        var container = node.Record(pod).Container("c")!;
        var log = Path.Combine(node.Paths.LogDirectory(pod.Namespace, pod.Name, pod.Metadata.Uid!), "c", "0.log");
        var rotation = new LogRotation(node.Paths, new LogRotationOptions(MaxSize: 1 << 20, MaxFiles: 50), node.Log.Enqueue);
        bool Ended() => node.Runtime.ReadExit(container.Id, node.Paths.Bundle(pod.Metadata.Uid!, container.Id)) is not null || !node.Record(pod).Container("c")!.IsRunning;

        var received = new MemoryStream();
        var following = new LogReader(log, new LogOptions { Follow = true }, Ended, node.Paths.Exits).CopyTo(received, CancellationToken.None);
        for (var bound = 0; bound < 600 && !following.IsCompleted; bound++)
        {
            await rotation.RotateAll(CancellationToken.None);
            await Task.Delay(100);
        }
        await following;

        Assert.InRange(LogSegments.Rotated(log).Count, 2, 49);
        var expected = string.Concat(Enumerable.Range(0, Lines).Select(n => $"{n}\n"));
        Assert.Equal(expected, Encoding.UTF8.GetString(received.ToArray()));
        var afterwards = new MemoryStream();
        await new LogReader(log, new LogOptions(), () => true, node.Paths.Exits).CopyTo(afterwards, CancellationToken.None);
        Assert.Equal(expected, Encoding.UTF8.GetString(afterwards.ToArray()));
        Assert.DoesNotContain(node.Log, line => line.Contains("rotating", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Segments_of_runs_before_the_previous_one_go()
    {
        await using var node = await TestNode.Create();
        var pod = await node.WaitFor(node.Run(["exit", "1"]), "second restart", pod => TestNode.Status(pod).RestartCount >= 1);
        var directory = Path.Combine(node.Paths.LogDirectory(pod.Namespace, pod.Name, pod.Metadata.Uid!), "c");
        File.WriteAllText(Path.Combine(directory, "0.log.20260301-100000.gz"), "");
        await node.WaitFor(pod.Name, "third run", pod => TestNode.Status(pod).RestartCount >= 2);
        Assert.DoesNotContain(Directory.GetFiles(directory), path => Path.GetFileName(path).StartsWith("0.log", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_container_s_log_has_a_link_with_its_names()
    {
        await using var node = await TestNode.Create();
        var pod = await node.Running(node.Run(["hold"], grace: 0));
        var link = Assert.Single(Directory.GetFiles(node.Paths.LogLinks));
        Assert.Equal($"{pod.Name}_default_c-{node.Record(pod).Container("c")!.Id}.log", Path.GetFileName(link));
        await node.Until("its line", () => File.ReadAllText(link).Contains("stdout F holding", StringComparison.Ordinal));
        LogLinks.RemoveDangling(node.Paths);
        Assert.True(File.Exists(link));
        node.Delete(pod.Name, 0);
        await node.Gone(pod.Name);
        LogLinks.RemoveDangling(node.Paths);
        Assert.Empty(Directory.GetFiles(node.Paths.LogLinks));
    }
}
