using KernelTests.Kubelet;
using KubeApi.Objects;
using Linux;

namespace KernelTests.Volumes;

/// <summary>Volumes that hold what the API has.</summary>
public sealed class ApiVolumeTests : VolumeTest
{
    private static readonly Volume Certificate = new() { Name = "cert", Secret = new SecretVolumeSource { SecretName = "tls", DefaultMode = 0b100_000_000 } };

    [Fact]
    public async Task A_secret_lies_on_a_tmpfs_read_only_and_changes_while_the_pod_runs()
    {
        Node.Api.Put(Secret("tls", ("crt", "one"), ("key", "1")));
        var pod = await Node.Running(Run(Certificate));
        Assert.Equal(("one", "1"), (Read(pod, "/v/crt"), Read(pod, "/v/key")));
        Assert.Equal("400 0:0", await Stat(pod, "/v/crt"));
        var mount = Mounts.Read().Single(mount => mount.Target == Node.Paths.MemoryVolume(pod.Metadata.Uid!, "cert"));
        Assert.Equal("tmpfs", mount.Type);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Node.Paths.RunVolumes(pod.Metadata.Uid!)));
        Assert.Contains(File.ReadLines(Seen(pod, "/proc/1/mounts")), line => line.Contains(" /v tmpfs ro,"));

        Node.Api.Put(Secret("tls", ("crt", "two"), ("extra", "e")));
        await Reads(pod, "/v/crt", "two");
        Assert.Equal("e", Read(pod, "/v/extra"));
        await Node.Until("key is gone", () => !Path.Exists(Seen(pod, "/v/key")));
        Node.Api.Remove("secrets", "tls");
        await Event("FailedMount", "MountVolume.SetUp failed for volume \"cert\" : secret \"tls\" not found");
        Assert.Equal("two", Read(pod, "/v/crt"));
        await GoneWithoutTrace(pod);
    }

    [Fact]
    public async Task A_pod_waits_for_its_secret_and_tells_so()
    {
        var name = Run(Certificate);
        const string Message = "MountVolume.SetUp failed for volume \"cert\" : secret \"tls\" not found";
        await Event("FailedMount", Message);
        var waiting = await Node.WaitFor(name, "its status", pod => TestNode.Status(pod).State?.Waiting is { Message: not null });
        Assert.Equal(("ContainerCreating", Message), (TestNode.Status(waiting).State!.Waiting!.Reason, TestNode.Status(waiting).State!.Waiting!.Message));
        Assert.Equal("Pending", waiting.Status!.Phase);
        Node.Api.Put(Secret("tls", ("crt", "here")));
        Assert.Equal("here", Read(await Node.Running(name), "/v/crt"));
    }

    [Fact]
    public async Task A_missing_key_is_named_and_an_optional_one_left_out()
    {
        Node.Api.Put(Map("m", ("a", "A")));
        KeyToPath[] items = [new KeyToPath { Key = "a", Path = "in/a", Mode = 0b110_110_110 }, new KeyToPath { Key = "b", Path = "b" }];
        var lenient = await Node.Running(Run(new Volume { Name = "m", ConfigMap = new ConfigMapVolumeSource { Name = "m", Items = items, Optional = true } }));
        Assert.Equal(("A", "666 0:0"), (Read(lenient, "/v/in/a"), await Stat(lenient, "/v/in/a")));
        Assert.False(Path.Exists(Seen(lenient, "/v/b")));
        var strict = Run(new Volume { Name = "m", ConfigMap = new ConfigMapVolumeSource { Name = "m", Items = items } });
        await Event("FailedMount", "MountVolume.SetUp failed for volume \"m\" : configmap references non-existent config key: b");
        Node.Api.Put(Map("m", ("a", "A"), ("b", "B")));
        Assert.Equal("B", Read(await Node.Running(strict), "/v/b"));
        await Reads(lenient, "/v/b", "B");
    }

    [Fact]
    public async Task Projected_sources_are_one_volume_with_a_token_of_the_containers_user()
    {
        Node.Api.Put(Secret("s", ("user", "root")));
        Node.Api.Put(Map("ca", ("ca.crt", "CA")));
        var name = Run(new Volume
        {
            Name = "all", Projected = new ProjectedVolumeSource
            {
                Sources =
                [
                    new VolumeProjection { Secret = new SecretProjection { Name = "s" } }, new VolumeProjection { ConfigMap = new ConfigMapProjection { Name = "ca" } },
                    new VolumeProjection { ServiceAccountToken = new ServiceAccountTokenProjection { Path = "token", ExpirationSeconds = 3607, Audience = "vault" } },
                    new VolumeProjection { DownwardAPI = new DownwardAPIProjection { Items = [new DownwardAPIVolumeFile { Path = "namespace", FieldRef = new ObjectFieldSelector { FieldPath = "metadata.namespace" } }] } },
                ],
            },
        }, spec => spec with { SecurityContext = new PodSecurityContext { RunAsUser = 1234, FsGroup = 77 } });
        var pod = await Node.Running(name);
        Assert.Equal(("root", "CA", "default"), (Read(pod, "/v/user"), Read(pod, "/v/ca.crt"), Read(pod, "/v/namespace")));
        Assert.Equal($"token 1 for {name}, audience vault, 3607 s", Read(pod, "/v/token"));
        Assert.Equal(("640 1234:77", "644 0:77"), (await Stat(pod, "/v/token"), await Stat(pod, "/v/user")));
        Assert.Equal("3777 0:77", await Stat(pod, "/v"));
    }

    [Fact]
    public async Task A_token_is_replaced_before_it_ends()
    {
        Node.Api.TokenLife = 5; // jitter of up to ten seconds makes it due at once
        var pod = await Node.Running(Run(new Volume
        {
            Name = "t", Projected = new ProjectedVolumeSource { Sources = [new VolumeProjection { ServiceAccountToken = new ServiceAccountTokenProjection { Path = "token" } }] },
        }));
        await Node.Until("a second token", () => !Read(pod, "/v/token").StartsWith("token 1 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Labels_follow_the_pods_and_a_limit_is_the_containers_or_the_nodes()
    {
        var name = Run(new Volume
        {
            Name = "d", DownwardAPI = new DownwardAPIVolumeSource
            {
                Items =
                [
                    new DownwardAPIVolumeFile { Path = "labels", FieldRef = new ObjectFieldSelector { FieldPath = "metadata.labels" } },
                    new DownwardAPIVolumeFile { Path = "memory", ResourceFieldRef = new ResourceFieldSelector { ContainerName = "c", Resource = "limits.memory", Divisor = KubeApi.Quantity.Parse("1Mi") } },
                ],
            },
        });
        var pod = await Node.Running(name);
        Assert.Equal(("", "1024"), (Read(pod, "/v/labels"), Read(pod, "/v/memory")));
        var now = Node.Api.Pod(name)!;
        Node.Api.Put(now with { Metadata = now.Metadata with { Labels = new Dictionary<string, string> { ["b"] = "2", ["a"] = "say \"hi\"" } } });
        await Reads(pod, "/v/labels", "a=\"say \\\"hi\\\"\"\nb=\"2\"");
    }

    [Fact]
    public async Task An_agent_that_starts_again_goes_on_writing_and_repairs_what_a_killed_one_left()
    {
        Node.Api.Put(Secret("tls", ("crt", "one")));
        var pod = await Node.Running(Run(Certificate));
        await Node.StopAgent();
        var volume = Node.Paths.MemoryVolume(pod.Metadata.Uid!, "cert");
        var half = Directory.CreateDirectory($"{volume}/..2026_01_01_00_00_00.1");
        File.WriteAllText($"{half}/crt", "tw");
        half.LastWriteTimeUtc = DateTime.UtcNow.AddMinutes(-1);
        File.CreateSymbolicLink($"{volume}/..data_tmp", half.Name);
        Node.Api.Put(Secret("tls", ("crt", "two")));
        Assert.Equal("one", Read(pod, "/v/crt"));
        Node.StartAgent();
        await Reads(pod, "/v/crt", "two");
        await Node.Until("the half is gone", () => !half.Exists || !Directory.Exists(half.FullName));
        Assert.False(Path.Exists($"{volume}/..data_tmp"));
        await GoneWithoutTrace(pod);
    }

    [Fact]
    public async Task A_pod_that_is_deleted_while_it_waits_and_one_that_a_killed_agent_left_leave_nothing()
    {
        var waiting = Run(Certificate);
        await Event("FailedMount", "MountVolume.SetUp failed for volume \"cert\" : secret \"tls\" not found");
        await GoneWithoutTrace(Node.Api.Pod(waiting)!);

        Node.Api.Put(Secret("tls", ("crt", "one")));
        var pod = await Node.Running(Run(Certificate));
        await Node.StopAgent();
        Node.Api.Remove(pod.Name);
        Node.StartAgent();
        await Node.Until("nothing is left", () => Node.Leftovers().Result.Count == 0);
    }

    [Fact]
    public async Task A_secret_grows_beyond_the_first_bound_of_its_file_system()
    {
        Node.Api.Put(Secret("tls", ("crt", "small")));
        var pod = await Node.Running(Run(Certificate));
        var many = Enumerable.Range(0, 900).Select(i => ($"k{i}", new string('x', 5000))).ToArray();
        Node.Api.Put(Secret("tls", [("crt", "big"), .. many]));
        await Reads(pod, "/v/crt", "big");
        Assert.Equal(5000, Read(pod, "/v/k899").Length);
        Node.Api.Put(Secret("tls", [("crt", "bigger"), .. many]));
        await Reads(pod, "/v/crt", "bigger");
    }
}
