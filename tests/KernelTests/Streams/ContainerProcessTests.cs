using System.Diagnostics;
using System.Text;
using KernelTests.Kubelet;
using KubeApi.Objects;
using Linux;

namespace KernelTests.Streams;

/// <summary>Commands in real containers with streams of their own, and a container's own streams by conmon's socket.</summary>
[Collection("kubelet")] // they share the cgroup
public sealed class ContainerProcessTests : IAsyncLifetime
{
    private TestNode node = null!;

    public async Task InitializeAsync() => node = await TestNode.Create();

    public async Task DisposeAsync() => await node.DisposeAsync();

    [Fact]
    public async Task Output_and_exit_code_are_the_commands()
    {
        await using var process = await Start("/bin/act", "print", "FROM");
        Assert.EndsWith("image 0 /\n", await Read(process.Stdout!));
        Assert.Equal(0, await process.Ended);
        await using var failing = await Start("/bin/act", "exit", "3");
        Assert.Equal(3, await failing.Ended);
        Assert.True(await failing.Started());
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_said_in_runcs_words()
    {
        await using var process = await Start("/bin/nothing");
        var error = await Assert.ThrowsAsync<OciRuntimeException>(() => process.Ended);
        Assert.Contains("exec: \"/bin/nothing\": stat /bin/nothing: no such file or directory", error.Message);
        Assert.False(await process.Started());
    }

    [Fact]
    public async Task A_terminal_gives_the_commands_output_and_its_end()
    {
        var (pod, id) = await Container();
        await using var process = node.Runtime.StartProcess(id, node.Paths.Bundle(pod.Metadata.Uid!, id), new OciCommand(["/bin/act", "chatter", "100000"], true, true, false, Terminal: true));
        await process.Resize(120, 40);
        Assert.Equal(100_000, (await Read(process.Stdout!)).Length);
        Assert.Equal(0, await process.Ended);
    }

    [Fact]
    public async Task A_terminal_has_its_size_before_the_commands_first_act()
    {
        var (pod, id) = await Container();
        var bundle = node.Paths.Bundle(pod.Metadata.Uid!, id);
        for (var i = 0; i < 10; i++)
        {
            await using var process = node.Runtime.StartProcess(id, bundle, new OciCommand(["/bin/act", "window"], true, true, false, Terminal: true) { Size = (121, 33) });
            Assert.Equal("33 121 xterm", await Read(process.Stdout!));
        }
        Assert.Empty(Directory.GetFiles(bundle, "*.exec.*")); // the description held the container's environment
    }

    [Fact]
    public async Task Much_output_waits_for_its_reader()
    {
        await using var process = await Start("/bin/act", "chatter", "200000000");
        await Task.Delay(300); // nobody reads: the command waits in write(2)
        Assert.False(process.Ended.IsCompleted);
        var (buffer, total) = (new byte[65536], 0L);
        while (await process.Stdout!.ReadAsync(buffer.AsMemory()) is > 0 and var count) total += count;
        Assert.Equal(200_000_000, total);
        Assert.Equal(0, await process.Ended);
    }

    [Fact]
    public async Task A_command_that_is_killed_is_gone_with_what_it_started()
    {
        await using var process = await Start("/bin/act", "family");
        for (var said = ""; said != "holding\nholding\n";) said += Encoding.ASCII.GetString(await ReadSome(process.Stdout!));
        var before = Holding();
        await process.Kill();
        Assert.Equal(137, await process.Ended);
        await node.Until("its processes are gone", () => Holding() <= before - 2);
    }

    [Fact]
    public async Task Commands_whose_agent_is_gone_are_ended_by_the_next()
    {
        var process = await Start("/bin/act", "hold"); // never disposed of, as by an agent that was killed
        Assert.True(await process.Started());
        node.Runtime.KillAbandonedStreams();
        await process.Ended.WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(_ => { });
        Assert.True(process.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_client_attaches_sees_what_is_written_from_then_on_and_the_containers_end()
    {
        var pod = await node.Running(node.Run(["stubborn"], "Never", container => container with { Stdin = true }));
        var bundle = node.Paths.Bundle(pod.Metadata.Uid!, node.Record(pod).Container("c")!.Id);
        using var first = ConmonAttachment.Open(bundle);
        using (ConmonAttachment.Open(bundle)) { } // another comes and goes
        await first.Send("input that nobody reads\n"u8.ToArray(), CancellationToken.None);
        await node.Runtime.Delete(node.Record(pod).Container("c")!.Id, CancellationToken.None);
        var buffer = new byte[ConmonAttachment.MessageSize];
        var count = 1;
        for (var i = 0; i < 10 && count > 0; i++) count = await first.Receive(buffer, new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        Assert.Equal(0, count);
    }

    private async Task<(Pod Pod, string Id)> Container()
    {
        var pod = await node.Running(node.Run(["hold"]));
        return (pod, node.Record(pod).Container("c")!.Id);
    }

    private async Task<ContainerProcess> Start(params string[] command)
    {
        var (pod, id) = await Container();
        return node.Runtime.StartProcess(id, node.Paths.Bundle(pod.Metadata.Uid!, id), new OciCommand(command, Stdin: true, Stdout: true, Stderr: true, Terminal: false));
    }

    /// <summary>Without zombies: the container's first process takes note of none.</summary>
    private static int Holding() => Process.GetProcessesByName("act").Count(process => ProcessIdentity.Of(process.Id) is not null);

    private static async Task<string> Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private static async Task<byte[]> ReadSome(Stream stream)
    {
        var buffer = new byte[100];
        return buffer[..await stream.ReadAsync(buffer.AsMemory())];
    }
}
