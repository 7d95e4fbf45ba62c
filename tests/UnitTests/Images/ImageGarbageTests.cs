using NodeAgent.Images;

namespace UnitTests.Images;

public sealed class ImageGarbageTests : IDisposable
{
    private static readonly string[] Digests = [.. "abcd".Select(letter => $"sha256:{new string(letter, 64)}")];

    private readonly string directory = Directory.CreateTempSubdirectory("image-garbage-").FullName;
    private readonly List<(string Type, string Reason, string Message)> events = [];

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void The_longest_unused_images_are_chosen_until_it_is_enough_and_never_one_in_use_or_young()
    {
        var now = DateTime.UtcNow;
        CollectableImage Of(int i, int minutes) => new(Digests[i], [], now.AddMinutes(-minutes), 100);
        CollectableImage[] images = [Of(0, 10), Of(1, 30), Of(2, 20), Of(3, 1)];
        string[] Chosen(long bytes, params string[] inUse) =>
            [.. ImageGarbage.Choose(images, inUse.ToHashSet(), now.AddMinutes(-2), bytes).Select(image => image.Digest)];
        Assert.Equal([Digests[1], Digests[2]], Chosen(150));
        Assert.Equal([Digests[2], Digests[0]], Chosen(long.MaxValue, Digests[1]));
        Assert.Empty(Chosen(0));
    }

    [Fact]
    public async Task Above_the_high_threshold_images_go_with_their_names_blobs_and_files_down_to_the_low_one()
    {
        Write(0, "docker.io/library/old:1", age: 60);
        Write(1, "docker.io/library/used:1", age: 50);
        Write(2, "docker.io/library/new:1", age: 40);
        File.WriteAllText($"{directory}/oci/blobs/sha256/stray", "left by a killed copy");
        File.SetLastWriteTimeUtc($"{directory}/oci/blobs/sha256/stray", DateTime.UtcNow.AddHours(-1));
        var room = (100_000L, 14_999L); // 86 % used; 80 % is 5001 bytes away
        await Collector(room, Digests[1]).CollectGarbage(CancellationToken.None);
        var store = new ImageStore(directory, []);
        Assert.Equal(["docker.io/library/used:1", "docker.io/library/new:1"], store.List().Select(image => image.Name));
        Assert.Equal(new[] { Digests[1], Digests[2] }.Order(), Directory.GetDirectories($"{directory}/unpacked").Select(path => $"sha256:{Path.GetFileName(path)}").Order());
        Assert.Equal(["shared", .. new[] { Digests[1], Digests[2] }.SelectMany(Blobs).Order()],
            Directory.GetFiles($"{directory}/oci/blobs/sha256").Select(Path.GetFileName).OrderBy(name => name == "shared" ? "" : name, StringComparer.Ordinal)!);
        Assert.Empty(events);
        Assert.Empty(Directory.GetDirectories($"{directory}/work"));
    }

    [Fact]
    public async Task What_cannot_be_freed_is_told_with_the_kubelets_words()
    {
        Write(0, "docker.io/library/used:1", age: 60);
        var error = await Assert.ThrowsAsync<IOException>(() => Collector((100_000, 10_000), Digests[0]).CollectGarbage(CancellationToken.None));
        Assert.Equal("Failed to garbage collect required amount of images. Attempted to free 10000 bytes, but only found 0 bytes eligible to free.", error.Message);
        Assert.Equal([("Warning", "FreeDiskSpaceFailed", error.Message)], events);
        Assert.Single(new ImageStore(directory, []).List());
    }

    [Fact]
    public async Task Below_the_high_threshold_and_with_a_threshold_of_100_nothing_goes()
    {
        Write(0, "docker.io/library/old:1", age: 60);
        await Collector((100_000, 16_000)).CollectGarbage(CancellationToken.None);
        await Collector((100_000, 1), options: new ImageOptions { GcHighThreshold = 100 }).CollectGarbage(CancellationToken.None);
        Assert.Single(new ImageStore(directory, []).List());
    }

    [Fact]
    public async Task An_image_that_is_asked_for_while_garbage_is_collected_stays()
    {
        Write(0, "docker.io/library/old:1", age: 60);
        var store = new ImageStore(directory, []);
        var garbage = new ImageGarbage(store);
        var listed = Assert.Single(garbage.Images());
        await store.Find(ImageName.Parse("old:1"), CancellationToken.None);
        Assert.False(await garbage.Remove(listed, DateTime.UtcNow.AddMinutes(-2), CancellationToken.None));
        Assert.NotNull(await store.Find(ImageName.Parse("old:1"), CancellationToken.None));
    }

    [Fact]
    public async Task While_an_image_is_copied_no_blob_goes()
    {
        Write(0, "docker.io/library/old:1", age: 60);
        using (await StoreLock.Copying(directory, CancellationToken.None))
            Assert.True(await Collector((1, 1)).CollectGarbage(long.MaxValue, CancellationToken.None) > 0);
        Assert.Empty(new ImageStore(directory, []).List());
        Assert.Equal(Blobs(Digests[0]).Append("shared").Order(StringComparer.Ordinal), Directory.GetFiles($"{directory}/oci/blobs/sha256").Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
    }

    [Fact]
    public void Images_in_use_are_those_of_mounted_containers_and_of_ended_ones_that_are_remembered()
    {
        var mount = $"36 35 0:40 / /run/nodeagent/pods/u/containers/c/rootfs rw - overlay overlay rw,lowerdir=/var/lib/nodeagent/images/unpacked/{new string('a', 64)}/rootfs,upperdir=/x";
        Assert.Equal([Digests[0]], ImageUse.Mounted(mount));
        var paths = new NodeAgent.NodePaths($"{directory}/run", $"{directory}/lib", $"{directory}/logs");
        Directory.CreateDirectory(paths.RunPod("u"));
        File.WriteAllText(paths.PodRecord("u"), $$"""{"namespace":"d","name":"p","uid":"u","containers":[{"name":"c","id":"1","image":"i","imageDigest":"{{Digests[1]}}"}]}""");
        Assert.Contains(Digests[1], ImageUse.Digests(paths));
    }

    [Fact]
    public void A_nodes_status_has_its_largest_images_with_all_their_names()
    {
        StoredImage[] stored = [new("docker.io/library/a:1", Digests[0], 10, "s"), new("docker.io/library/a:2", Digests[0], 10, "s"), new("localhost:5000/b:1", Digests[1], 20, "s"),
            .. Enumerable.Range(0, 60).Select(i => new StoredImage($"docker.io/library/c:{i}", $"sha256:{i:x64}", 1, "s"))];
        var status = NodeImages.StatusOf(stored);
        Assert.Equal(50, status.Count);
        Assert.Equal([$"localhost:5000/b@{Digests[1]}", "localhost:5000/b:1"], status[0].Names!);
        Assert.Equal([$"docker.io/library/a@{Digests[0]}", "docker.io/library/a:1", "docker.io/library/a:2"], status[1].Names!);
        Assert.Equal(20, status[0].SizeBytes);
    }

    private ImageGarbageCollector Collector((long, long) room, string? inUse = null, ImageOptions? options = null) =>
        new(new ImageStore(directory, []), () => inUse is null ? new HashSet<string>() : new HashSet<string> { inUse }, options ?? new ImageOptions(),
            (type, reason, message) => events.Add((type, reason, message)), _ => { }) { Room = _ => room };

    private static string[] Blobs(string digest) => [digest["sha256:".Length..], $"config-{digest[^1]}"];

    /// <summary>An image with a layer of its own in its config's size and one that all share; 6000 bytes unpacked.</summary>
    private void Write(int i, string name, int age)
    {
        var (digest, hex, blobs) = (Digests[i], Digests[i]["sha256:".Length..], $"{directory}/oci/blobs/sha256");
        Directory.CreateDirectory(blobs);
        Directory.CreateDirectory($"{directory}/unpacked/{hex}/rootfs");
        File.WriteAllText($"{directory}/unpacked/{hex}/size", "6000");
        File.WriteAllText($"{blobs}/{hex}", $$"""{"config":{"digest":"sha256:config-{{hex[0]}}","size":1},"layers":[{"digest":"sha256:shared","size":5}]}""");
        File.WriteAllText($"{blobs}/config-{hex[0]}", """{"config":{}}""");
        File.WriteAllText($"{blobs}/shared", "layer");
        ImageIndex.Put($"{directory}/oci", new ImageEntry(name, digest), 1);
        Directory.SetLastWriteTimeUtc($"{directory}/unpacked/{hex}", DateTime.UtcNow.AddMinutes(-age));
    }
}
