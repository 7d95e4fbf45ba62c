using KernelTests.Kubelet;
using KubeApi;
using KubeApi.Objects;
using Linux;

namespace KernelTests.Volumes;

/// <summary>emptyDir and hostPath.</summary>
public sealed class DirectoryVolumeTests : VolumeTest
{
    [Fact]
    public async Task An_empty_directory_is_everybodys_and_gone_with_the_pod()
    {
        var pod = await Node.Running(Run(new Volume { Name = "e", EmptyDir = new EmptyDirVolumeSource() }));
        Assert.Equal("777 0:0", await Stat(pod, "/v"));
        File.WriteAllText(Seen(pod, "/v/x"), "kept");
        Assert.Equal("kept", File.ReadAllText(Path.Combine(Node.Paths.Volume(pod.Metadata.Uid!, "e"), "x")));
        await GoneWithoutTrace(pod);
    }

    [Fact]
    public async Task With_fsGroup_an_empty_directory_and_what_is_made_in_it_are_the_groups()
    {
        var pod = await Node.Running(Run(new Volume { Name = "e", EmptyDir = new EmptyDirVolumeSource() }, spec => spec with { SecurityContext = new PodSecurityContext { FsGroup = 99 } }));
        Assert.Equal("2777 0:99", await Stat(pod, "/v"));
        File.WriteAllText(Seen(pod, "/v/x"), "");
        Assert.EndsWith(":99", await Stat(pod, "/v/x"));
    }

    [Fact]
    public async Task One_in_memory_takes_no_more_than_its_limit()
    {
        var pod = await Node.Running(Run(new Volume { Name = "m", EmptyDir = new EmptyDirVolumeSource { Medium = "Memory", SizeLimit = Quantity.Parse("2Mi") } }));
        Assert.Contains(Mounts.Read(), mount => mount.Type == "tmpfs" && mount.Target == Node.Paths.MemoryVolume(pod.Metadata.Uid!, "m"));
        File.WriteAllBytes(Seen(pod, "/v/fits"), new byte[1 << 20]);
        Assert.Throws<IOException>(() => File.WriteAllBytes(Seen(pod, "/v/not"), new byte[2 << 20]));
        await Node.StopAgent();
        Node.StartAgent();
        await Node.Until("adopted", () => Node.Log.Any(line => line.Contains("adopted")));
        Assert.Equal(1 << 20, new FileInfo(Seen(pod, "/v/fits")).Length);
        await GoneWithoutTrace(pod);
    }

    [Theory]
    [InlineData("Directory", "directory")]
    [InlineData("File", "file")]
    [InlineData("Socket", "socket file")]
    [InlineData("CharDevice", "character device")]
    [InlineData("BlockDevice", "block device")]
    public async Task A_host_path_of_another_type_is_refused_in_the_kubelets_words(string type, string noun)
    {
        var missing = Path.Combine(Node.Paths.Lib, "missing");
        var name = Run(new Volume { Name = "h", HostPath = new HostPathVolumeSource { Path = missing, Type = type } });
        await Event("FailedMount", $"MountVolume.SetUp failed for volume \"h\" : hostPath type check failed: {missing} is not a {noun}");
        Assert.False(Path.Exists(missing));
        await GoneWithoutTrace(Node.Api.Pod(name)!);
    }

    [Theory]
    [InlineData("CharDevice", "/dev/null")]
    [InlineData("Directory", "/usr")]
    [InlineData("File", "/etc/passwd")]
    [InlineData("", "/usr")]
    public async Task A_host_path_of_the_right_type_is_mounted(string type, string path) =>
        await Node.Running(Run(new Volume { Name = "h", HostPath = new HostPathVolumeSource { Path = path, Type = type } }));

    [Theory]
    [InlineData("DirectoryOrCreate", "755")]
    [InlineData("FileOrCreate", "644")]
    [InlineData(null, "755")]
    public async Task A_host_path_that_may_be_made_is_made_and_stays(string? type, string mode)
    {
        var path = Path.Combine(Node.Paths.Lib, "made");
        var pod = await Node.Running(Run(new Volume { Name = "h", HostPath = new HostPathVolumeSource { Path = path, Type = type } }));
        Assert.Equal($"{mode} 0:0", await Stat(pod, "/v"));
        await GoneWithoutTrace(pod);
        Assert.True(Path.Exists(path));
    }

    [Fact]
    public async Task A_file_system_that_was_mounted_into_a_volume_keeps_its_files()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(Node.Paths.Lib, "elsewhere")).FullName;
        File.WriteAllText($"{elsewhere}/precious", "p");
        var pod = await Node.Running(Run(new Volume { Name = "e", EmptyDir = new EmptyDirVolumeSource() }));
        var inside = Directory.CreateDirectory(Path.Combine(Node.Paths.Volume(pod.Metadata.Uid!, "e"), "inside")).FullName;
        Mounts.Bind(elsewhere, inside);
        await GoneWithoutTrace(pod);
        Assert.Equal("p", File.ReadAllText($"{elsewhere}/precious"));
    }

    [Fact]
    public async Task A_volume_in_use_on_the_node_does_not_keep_the_pod()
    {
        Node.Api.Put(Secret("s", ("k", "v")));
        var pod = await Node.Running(Run(new Volume { Name = "s", Secret = new SecretVolumeSource { SecretName = "s" } }));
        using (File.OpenRead(Path.Combine(Node.Paths.MemoryVolume(pod.Metadata.Uid!, "s"), "k"))) await GoneWithoutTrace(pod);
        Assert.Contains(Node.Log, line => line.Contains("still in use"));
    }
}
