using System.Diagnostics;
using KubeApi.Objects;
using Linux;

namespace KernelTests.Kubelet;

/// <summary>What holds a pod up: helpers that are stopped, hang or are killed, processes that do not end, mounts in use, full disks.</summary>
[Collection("kubelet")] // they share the cgroup
public sealed class FaultTests : IAsyncLifetime
{
    private TestNode node = null!;

    public async Task InitializeAsync() => node = await TestNode.Create();

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task A_pod_whose_conmon_is_stopped_ends_and_a_container_that_crashes_under_one_is_restarted_with_its_own_code()
    {
        var deleted = await node.Running(node.Run(["hold"]));
        var crashed = await node.Running(node.Run(["hold"]));
        foreach (var pod in new[] { deleted, crashed }) Container(pod).Conmon!.Signal(LibC.SIGSTOP);
        node.Delete(deleted.Name, grace: 1);
        Container(crashed).Process!.Signal(LibC.SIGKILL);
        await node.Gone(deleted.Name);
        crashed = await node.WaitFor(crashed.Name, "restarted", pod => TestNode.Status(pod) is { RestartCount: 1, State.Running: not null });
        Assert.Equal((137, "Error"), (TestNode.Status(crashed).LastState!.Terminated!.ExitCode, TestNode.Status(crashed).LastState!.Terminated!.Reason));
    }

    [Fact]
    public async Task A_frozen_container_ends_and_nothing_is_left()
    {
        var pod = await node.Running(node.Run(["hold"]));
        Freeze(CgroupOf(Container(pod).Process!.Pid), true);
        node.Delete(pod.Name, grace: 1);
        await node.Gone(pod.Name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_process_that_cannot_be_killed_is_named_and_no_other_pod_waits()
    {
        var pod = await node.Running(node.Run(["hold"]));
        var process = Container(pod).Process!;
        var group = Path.GetDirectoryName(CgroupOf(process.Pid))!; // the pod's: runc thaws the container's own
        try
        {
            Freeze(group, true);
            node.Delete(pod.Name, grace: 1);
            await node.WaitFor(pod.Name, "the status names it", now => now.Status!.Message?.Contains($"{process.Pid} (act), frozen by its cgroup") == true);
            var other = await node.Running(node.Run(["hold"]));
            node.Delete(other.Name, grace: 1);
            await node.Gone(other.Name);
            Assert.NotNull(node.Api.Pod(pod.Name));
        }
        finally { Freeze(group, false); }
        await node.Gone(pod.Name);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_pod_ends_without_a_runc_that_hangs()
    {
        var pod = await node.Running(node.Run(["hold"]));
        File.WriteAllText(node.Hang("delete"), "");
        node.Delete(pod.Name, grace: 1);
        await node.Gone(pod.Name);
        File.Delete(node.Hang("delete"));
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_runc_that_hangs_while_a_container_is_created_holds_up_that_pod_only_and_it_can_be_deleted()
    {
        File.WriteAllText(node.Hang("create"), "");
        var hung = node.Run(["hold"]);
        await node.Until("runc hangs", () => Runcs("sleep 600").Count > 0);
        File.Delete(node.Hang("create"));
        await node.Running(node.Run(["hold"]));
        node.Delete(hung, grace: 1);
        await node.Gone(hung);
        await node.Until("the runc that hung is gone", () => Runcs("sleep 600").Count == 0);
    }

    [Fact]
    public async Task Pods_come_up_and_go_though_their_runc_is_killed_time_and_again()
    {
        using var stop = new CancellationTokenSource();
        var killed = 0;
        var killing = Task.Run(async () =>
        {
            for (; !stop.IsCancellationRequested && killed < 4; await Task.Delay(50)) // more would only lengthen the back-off
                foreach (var pid in Runcs(node.Paths.RuncRoot).Take(1))
                {
                    LibC.kill(pid, LibC.SIGKILL);
                    killed++;
                    await Task.Delay(300);
                }
        });
        var names = Enumerable.Range(0, 4).Select(_ => node.Run(["hold"], grace: 1)).ToList();
        foreach (var name in names) await node.Running(name);
        foreach (var name in names) node.Delete(name, grace: 1);
        foreach (var name in names) await node.Gone(name);
        await stop.CancelAsync();
        await killing;
        Assert.NotEqual(0, killed);
        Assert.Empty(await node.Leftovers());
    }

    [Fact]
    public async Task A_mount_in_use_does_not_keep_a_pod()
    {
        var pod = await node.Running(node.Run(["hold"]));
        var root = Path.Combine(node.Paths.Bundle(pod.Metadata.Uid!, Container(pod).Id), "rootfs");
        using var user = Process.Start(new ProcessStartInfo("sleep", "600") { WorkingDirectory = root })!;
        using var open = File.OpenRead(Path.Combine(root, "bin/act"));
        try
        {
            node.Delete(pod.Name, grace: 1);
            await node.Gone(pod.Name);
            Assert.Empty(await node.Leftovers());
        }
        finally { user.Kill(); }
    }

    [Fact]
    public async Task On_a_full_disk_the_status_says_so_and_running_pods_go_on()
    {
        var running = await node.Running(node.Run(["hold"]));
        Directory.CreateDirectory(node.Paths.LibPods);
        Mounts.Add("tmpfs", node.Paths.LibPods, "tmpfs", 0, "size=64k");
        try
        {
            File.WriteAllBytes(Path.Combine(node.Paths.LibPods, "full"), new byte[16 * 1024]);
            try { File.WriteAllBytes(Path.Combine(node.Paths.LibPods, "fuller"), new byte[128 * 1024]); }
            catch (IOException) { }
            var name = node.Run(["hold"]);
            await node.WaitFor(name, "the reason", pod => $"{pod.Status!.Message} {pod.Status.ContainerStatuses?.SingleOrDefault()?.State?.Waiting?.Message}".Contains("No space left on device"));
            Assert.True(Container(running).Process!.IsAlive);
            foreach (var file in Directory.GetFiles(node.Paths.LibPods)) File.Delete(file);
            await node.Running(name);
            node.Delete(name, grace: 1);
            await node.Gone(name);
        }
        finally { Mounts.Remove(node.Paths.LibPods); }
    }

    [Fact]
    public async Task Without_control_plane_containers_are_restarted_and_the_next_agent_does_so_too()
    {
        var pod = await node.Running(node.Run(["hold"]));
        node.Api.Away = true;
        Container(pod).Process!.Signal(LibC.SIGKILL);
        await node.Until("restarted", () => node.Record(pod).Containers.Single() is { Attempt: 1, IsRunning: true });
        await node.StopAgent();
        node.StartAgent();
        await node.Until("it goes on with what it knows", () => node.Log.Any(line => line.Contains("goes on as it was last known")));
        Assert.True(Container(pod).Process!.IsAlive);
        Container(pod).Process!.Signal(LibC.SIGKILL);
        await node.Until("restarted by the next one, after its back-off", () => node.Record(pod).Containers.Single() is { Attempt: 2, IsRunning: true });
        node.Api.Away = false;
        await node.WaitFor(pod.Name, "the API server hears of it", now => TestNode.Status(now) is { RestartCount: 2, State.Running: not null });
        node.Delete(pod.Name, grace: 1);
        await node.Gone(pod.Name);
    }

    [Fact]
    public async Task What_was_deleted_while_neither_agent_nor_control_plane_was_there_ends_when_they_are_back()
    {
        var pod = await node.Running(node.Run(["hold"]));
        node.Api.Away = true;
        await node.StopAgent();
        node.Api.Remove(pod.Name);
        node.StartAgent();
        await node.Until("it goes on with what it knows", () => node.Log.Any(line => line.Contains("goes on as it was last known")));
        Assert.True(Container(pod).Process!.IsAlive);
        node.Api.Away = false;
        await node.Until("it is taken down", () => !Directory.Exists(node.Paths.RunPod(pod.Metadata.Uid!)));
        Assert.Empty(await node.Leftovers());
    }

    private NodeAgent.Kubelet.ContainerRecord Container(Pod pod) => node.Record(pod).Containers.Single();

    /// <summary>Processes whose command line holds the text, and that are of this node: their environment or arguments name its directory.</summary>
    private IReadOnlyList<int> Runcs(string text) =>
    [
        .. from directory in Directory.GetDirectories("/proc")
           let name = Path.GetFileName(directory)
           where name.All(char.IsAsciiDigit)
           let line = CommandLine(directory)
           where line.Contains(text) && !line.StartsWith("conmon") && (line.Contains(node.Paths.Run) || CommandLine($"/proc/{Parent(directory)}").Contains(node.Paths.Run))
           select int.Parse(name),
    ];

    private static string CommandLine(string directory)
    {
        try { return File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' '); }
        catch (IOException) { return ""; }
    }

    private static string Parent(string directory)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
        }
        catch (IOException) { return "0"; }
    }

    private static string CgroupOf(int pid)
    {
        var parts = File.ReadLines($"/proc/{pid}/cgroup").Select(line => line.Split(':', 3)).ToList();
        return Cgroups.IsUnified ? "/sys/fs/cgroup" + parts.Single(part => part[1].Length == 0)[2] : "/sys/fs/cgroup/freezer" + parts.Single(part => part[1] == "freezer")[2];
    }

    private static void Freeze(string group, bool frozen)
    {
        if (!Directory.Exists(group)) return;
        File.WriteAllText(Path.Combine(group, Cgroups.IsUnified ? "cgroup.freeze" : "freezer.state"), Cgroups.IsUnified ? frozen ? "1" : "0" : frozen ? "FROZEN" : "THAWED");
    }
}
