using KubeApi.Objects;
using Linux;

namespace KernelTests.Kubelet;

/// <summary>Commands in running containers, as probes and hooks run them.</summary>
[Collection("kubelet")] // they share the cgroup
public class ExecTests
{
    [Fact]
    public async Task A_command_has_the_containers_user_environment_and_directory_and_its_exit_code_counts()
    {
        await using var node = await TestNode.Create();
        var id = await Hold(node, container => container with
        {
            WorkingDir = "/etc", Env = [new EnvVar { Name = "MINE", Value = "here" }], SecurityContext = new SecurityContext { RunAsUser = 1234 },
        });
        var said = await node.Runtime.Exec(id, ["/bin/act", "print", "MINE"], 1000, CancellationToken.None);
        Assert.Equal(0, said.ExitCode);
        Assert.EndsWith(" here 1234 /etc\n", said.Output);
        Assert.Equal(7, (await node.Runtime.Exec(id, ["act", "exit", "7"], 1000, CancellationToken.None)).ExitCode);
        Assert.Equal(255, (await node.Runtime.Exec(id, ["act", "exit", "255"], 1000, CancellationToken.None)).ExitCode);
    }

    [Fact]
    public async Task A_command_that_cannot_be_run_is_told_apart_from_one_that_fails()
    {
        await using var node = await TestNode.Create();
        var id = await Hold(node);
        var error = await Assert.ThrowsAsync<OciRuntimeException>(() => node.Runtime.Exec(id, ["nosuch"], 1000, CancellationToken.None));
        Assert.Contains("\"nosuch\": executable file not found in $PATH", error.Message);
        Assert.Empty(Directory.GetFiles(Path.Combine(node.Paths.Run, "execs")));
        await Assert.ThrowsAsync<OciRuntimeException>(() => node.Runtime.Exec("0000", ["act"], 1000, CancellationToken.None));
    }

    [Fact]
    public async Task Of_much_output_the_beginning_is_kept_and_the_command_is_not_held_up()
    {
        await using var node = await TestNode.Create();
        var id = await Hold(node);
        var said = await node.Runtime.Exec(id, ["act", "chatter", "500000"], 100, CancellationToken.None);
        Assert.Equal((0, 100), (said.ExitCode, said.Output.Length));
    }

    [Fact]
    public async Task A_cancelled_command_is_killed_with_all_that_it_started()
    {
        await using var node = await TestNode.Create();
        var id = await Hold(node);
        foreach (var what in new[] { "stubborn", "family", "orphan" })
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.Runtime.Exec(id, ["act", what], 1000, timeout.Token));
            await node.Until($"only the container itself is left after {what}", () => Processes(id).Count == 1);
        }
        Assert.Empty(Directory.GetFiles(Path.Combine(node.Paths.Run, "execs")));
    }

    [Fact]
    public async Task A_command_of_an_agent_that_was_killed_is_ended_by_the_next_one_and_nothing_else_is()
    {
        await using var node = await TestNode.Create();
        var id = await Hold(node);
        using var ending = new CancellationTokenSource();
        var command = node.Runtime.Exec(id, ["act", "family"], 1000, ending.Token);
        await node.Until("it runs and is noted", () => Processes(id).Count == 3 && Directory.GetFiles(Path.Combine(node.Paths.Run, "execs")) is [var file] && new FileInfo(file).Length > 0);
        File.WriteAllText(Path.Combine(node.Paths.Run, "execs", $"{id}.1.1"), $"{Environment.ProcessId}"); // a number that belongs to another process now
        node.Runtime.KillAbandonedExecs();
        await node.Until("only the container itself is left", () => Processes(id).Count == 1);
        Assert.Empty(Directory.GetFiles(Path.Combine(node.Paths.Run, "execs")));
        await Assert.ThrowsAsync<OciRuntimeException>(() => command); // its pid file is gone, as it is for nobody in life
    }

    private static async Task<string> Hold(TestNode node, Func<Container, Container>? container = null)
    {
        var pod = await node.Running(node.Run(["hold"], container: container));
        return TestNode.Status(pod).ContainerID!["runc://".Length..];
    }

    private static IReadOnlyList<string> Processes(string id) =>
        [.. Cgroups.Hierarchies().SelectMany(root => Directory.GetDirectories(Path.Combine(root, "nodeagent"), id, SearchOption.AllDirectories)).Take(1)
            .SelectMany(group => File.ReadLines(Path.Combine(group, "cgroup.procs")))];
}
