using KernelTests.Kubelet;
using KubeApi.Objects;
using Linux;
using NodeAgent.Containers;
using NodeAgent.Volumes;

namespace KernelTests.Volumes;

/// <summary>Parts of volumes, and containers that try to get at more.</summary>
public sealed class SubPathTests : VolumeTest
{
    private static readonly Volume Empty = new() { Name = "e", EmptyDir = new EmptyDirVolumeSource() };

    [Fact]
    public async Task A_directory_that_is_missing_is_made_with_the_volumes_mode()
    {
        var pod = await Node.Running(Run(Empty, spec => spec with { SecurityContext = new PodSecurityContext { FsGroup = 99 } }, mount => mount with { SubPath = "a/b" }));
        File.WriteAllText(Seen(pod, "/v/x"), "part");
        Assert.Equal("part", File.ReadAllText(Path.Combine(Node.Paths.Volume(pod.Metadata.Uid!, "e"), "a/b/x")));
        Assert.Equal("2777 0:99", await Stat(pod, "/v"));
        await GoneWithoutTrace(pod);
    }

    [Fact]
    public async Task A_file_of_a_secret_is_mounted_by_itself_and_stays_as_it_was()
    {
        Node.Api.Put(Secret("s", ("k", "one")));
        var pod = await Node.Running(Run(new Volume { Name = "s", Secret = new SecretVolumeSource { SecretName = "s" } }, mount: mount => mount with { SubPath = "k", MountPath = "/etc/k" }));
        Assert.Equal("one", Read(pod, "/etc/k"));
        Node.Api.Put(Secret("s", ("k", "two")));
        var whole = Path.Combine(Node.Paths.MemoryVolume(pod.Metadata.Uid!, "s"), "k");
        await Node.Until("the volume has changed", () => File.ReadAllText(whole) == "two");
        Assert.Equal("one", Read(pod, "/etc/k"));
        await GoneWithoutTrace(pod);
    }

    [Fact]
    public async Task An_expression_takes_its_values_from_the_environment_and_a_missing_one_is_named()
    {
        var name = Node.Run(["hold"], container: container => container with
        {
            Env = [new EnvVar { Name = "WHO", Value = "me" }], VolumeMounts = [new VolumeMount { Name = "e", MountPath = "/v", SubPathExpr = "of-$(WHO)" }],
        }, spec: spec => spec with { Volumes = [Empty] }, grace: 0);
        var pod = await Node.Running(name);
        Assert.True(Directory.Exists(Path.Combine(Node.Paths.Volume(pod.Metadata.Uid!, "e"), "of-me")));
        var lost = Run(Empty, mount: mount => mount with { SubPathExpr = "$(NOBODY)/x" });
        await Refused(lost, "missing value for NOBODY");
    }

    [Theory]
    [InlineData("link")] // absolute
    [InlineData("up")] // relative, by ..
    [InlineData("link/deeper")]
    [InlineData("dir/out/x")]
    public async Task A_link_that_leads_out_of_the_volume_is_refused_and_nothing_is_made_there(string path)
    {
        var (root, outside) = (Directory.CreateDirectory($"{Node.Paths.Lib}/root").FullName, Directory.CreateDirectory($"{Node.Paths.Lib}/outside").FullName);
        Directory.CreateDirectory($"{root}/dir");
        File.CreateSymbolicLink($"{root}/link", outside);
        File.CreateSymbolicLink($"{root}/up", "../outside");
        File.CreateSymbolicLink($"{root}/dir/out", "../../outside");
        var name = Run(new Volume { Name = "h", HostPath = new HostPathVolumeSource { Path = root } }, mount: mount => mount with { SubPath = path });
        await Refused(name, "failed to prepare subPath for volumeMount \"h\" of container \"c\": it leads out of the volume");
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        await GoneWithoutTrace(Node.Api.Pod(name)!);
    }

    [Fact]
    public async Task A_link_within_the_volume_is_followed()
    {
        var root = Directory.CreateDirectory($"{Node.Paths.Lib}/root").FullName;
        Directory.CreateDirectory($"{root}/real");
        File.WriteAllText($"{root}/real/x", "inside");
        File.CreateSymbolicLink($"{root}/link", "real");
        var pod = await Node.Running(Run(new Volume { Name = "h", HostPath = new HostPathVolumeSource { Path = root } }, mount: mount => mount with { SubPath = "link" }));
        Assert.Equal("inside", Read(pod, "/v/x"));
    }

    [Theory]
    [InlineData("/etc", "error SubPath `/etc` must not be an absolute path")]
    [InlineData("a/../../b", "unable to provision SubPath `a/../../b`: must not contain '..'")]
    public void An_absolute_path_and_one_that_goes_up_are_refused(string path, string message) => Assert.Equal(message,
        Assert.Throws<ContainerConfigException>(() => SubPaths.Path(new VolumeMount { SubPathExpr = "$(P)" }, [new("P", path)])).Message);

    [Fact]
    public async Task Nobody_wins_a_race_by_swapping_a_directory_for_a_link()
    {
        var (root, outside) = (Directory.CreateDirectory($"{Node.Paths.Lib}/root").FullName, Directory.CreateDirectory($"{Node.Paths.Lib}/outside").FullName);
        Directory.CreateDirectory($"{root}/inside");
        File.CreateSymbolicLink($"{root}/out", outside);
        using var stop = new CancellationTokenSource();
        var attacker = Task.Factory.StartNew(() =>
        {
            for (var round = 0; !stop.IsCancellationRequested; round++)
            {
                // "part" is by turns the directory and the link, always by one rename.
                var (from, back) = round % 2 == 0 ? ("inside", "out") : ("out", "inside");
                LibC.rename($"{root}/{from}", $"{root}/part");
                LibC.rename($"{root}/part", $"{root}/{from}");
            }
        }, TaskCreationOptions.LongRunning);
        var opened = 0;
        for (var attempt = 0; attempt < 20_000; attempt++)
        {
            try
            {
                using var part = PathBeneath.Open(root, "part");
                if (part is null) { PathBeneath.MakeDirectories(root, "inside/made"); continue; }
                opened++;
                Assert.StartsWith(root + "/", File.ResolveLinkTarget($"/proc/self/fd/{part.DangerousGetHandle()}", returnFinalTarget: false)!.FullName);
            }
            catch (SystemCallException) { } // refused, or gone at that moment
        }
        stop.Cancel();
        await attacker;
        Assert.True(opened > 0, "the race never came to pass");
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    private async Task Refused(string name, string message)
    {
        var pod = await Node.WaitFor(name, message, pod => TestNode.Status(pod).State?.Waiting?.Reason == "CreateContainerConfigError");
        Assert.Equal(message, TestNode.Status(pod).State!.Waiting!.Message);
        await Event("Failed", $"Error: {message}");
    }
}
