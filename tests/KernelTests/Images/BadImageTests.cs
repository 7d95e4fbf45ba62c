using System.Formats.Tar;
using System.Net;
using System.Net.Sockets;
using KernelTests.Kubelet;
using Linux;
using NodeAgent.Images;

namespace KernelTests.Images;

/// <summary>Registries and images that are not as they should be: nothing half-made is ever taken for an image.</summary>
public sealed class BadImageTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("bad-images-").FullName;
    private RegistryServer registry = null!;

    private ImageStore Store => new($"{directory}/store", []) { Patience = TimeSpan.FromSeconds(2) };

    private RegistryCredential Right => new(registry.Host, RegistryServer.User, RegistryServer.Password, "default/right/1");

    public async Task InitializeAsync() => registry = await RegistryServer.Start();

    public async Task DisposeAsync()
    {
        await registry.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_certificate_from_the_nodes_folder_is_trusted_and_without_it_the_registry_is_not()
    {
        await using var tls = await RegistryServer.Start(tls: true);
        var name = ImageName.Parse($"{tls.Host}/team/act:1");
        await Pull(name, Right with { Key = tls.Host }, tls.Certificates);
        Assert.NotNull(await Store.Find(name, CancellationToken.None));
        Directory.CreateDirectory($"{directory}/none/{tls.Host}");
        var error = await Assert.ThrowsAsync<CommandException>(() => Pull(name, Right with { Key = tls.Host }, $"{directory}/none"));
        Assert.Contains("certificate", error.Message);
    }

    [Fact]
    public async Task A_blob_that_is_not_what_its_digest_says_makes_no_image()
    {
        registry.CorruptLargestBlob();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Pull(Name("team/act:1"), Right));
        Assert.Contains("igest", error.Message);
        NothingIsLeft();
    }

    [Fact]
    public async Task A_registry_that_is_away_or_does_not_answer_is_waited_for_no_longer_than_agreed()
    {
        var gone = ImageName.Parse($"127.0.0.1:{FreePort.Find()}/team/act:1");
        Assert.Contains("connection refused", (await Assert.ThrowsAsync<CommandException>(() => Pull(gone, null))).Message);
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var error = await Assert.ThrowsAsync<TimeoutException>(() => Pull(ImageName.Parse($"127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}/team/act:1"), null));
        Assert.Equal("no progress for 2 s", error.Message);
        NothingIsLeft();
    }

    [Fact]
    public async Task A_pull_that_is_given_up_leaves_nothing()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Pull(ImageName.Parse($"127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}/a:1"), null, cancel: stop.Token));
        NothingIsLeft();
    }

    [Fact]
    public async Task An_image_for_another_architecture_is_told_apart()
    {
        await CommandRunner.Run("umoci", ["config", "--image", $"{registry.Layout}:{TestImage.Name}", "--tag", "foreign", "--architecture", "s390x"]);
        await registry.Push("foreign", "team/foreign:1");
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Pull(Name("team/foreign:1"), Right));
        Assert.StartsWith("no match for platform in manifest: not found: the image is for linux/s390x", error.Message);
        NothingIsLeft();
    }

    [Fact]
    public async Task Layers_that_reach_for_files_outside_do_not_get_there()
    {
        var outside = $"{directory}/outside";
        Directory.CreateDirectory(outside);
        File.WriteAllText($"{outside}/victim", "untouched");
        await AddLayer("escape",
            new PaxTarEntry(TarEntryType.RegularFile, $"../../../../../../../..{outside}/dots") { DataStream = new MemoryStream("x"u8.ToArray()) },
            new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = outside },
            new PaxTarEntry(TarEntryType.RegularFile, "link/through") { DataStream = new MemoryStream("x"u8.ToArray()) },
            new PaxTarEntry(TarEntryType.RegularFile, "link/.wh.victim") { DataStream = new MemoryStream() },
            new PaxTarEntry(TarEntryType.SymbolicLink, "up") { LinkName = "../../../../../../../../../.." + outside },
            new PaxTarEntry(TarEntryType.RegularFile, "up/through2") { DataStream = new MemoryStream("x"u8.ToArray()) });
        await registry.Push("escape", "team/escape:1");
        try { await Pull(Name("team/escape:1"), Right); }
        catch (CommandException) { NothingIsLeft(); } // refused, or made harmless: both will do
        Assert.Equal(["victim"], Directory.GetFileSystemEntries(outside).Select(Path.GetFileName));
        Assert.Equal("untouched", File.ReadAllText($"{outside}/victim"));
    }

    [Fact]
    public async Task A_hard_link_to_a_file_of_the_machine_is_refused()
    {
        File.WriteAllText($"{directory}/victim", "untouched");
        await AddLayer("hard", new PaxTarEntry(TarEntryType.HardLink, "stolen") { LinkName = $"../../../../../../../..{directory}/victim" });
        await registry.Push("hard", "team/hard:1");
        await Assert.ThrowsAsync<CommandException>(() => Pull(Name("team/hard:1"), Right));
        NothingIsLeft();
    }

    [Fact]
    public async Task More_layers_than_overlayfs_takes_are_one_file_system()
    {
        for (var i = 0; i < 130; i++)
            await AddLayer(i == 0 ? "deep" : null, new PaxTarEntry(TarEntryType.RegularFile, $"file{i}") { DataStream = new MemoryStream("x"u8.ToArray()) });
        await registry.Push("deep", "team/deep:1");
        var image = await Pull(Name("team/deep:1"), Right);
        Assert.Equal(130, Directory.GetFiles(image.RootFs, "file*").Length);
    }

    [Fact]
    public async Task A_full_disk_is_named_and_leaves_no_half_image()
    {
        Directory.CreateDirectory($"{directory}/store");
        await CommandRunner.Run("mount", ["-t", "tmpfs", "-o", "size=200k", "none", $"{directory}/store"]);
        try
        {
            var error = await Assert.ThrowsAnyAsync<Exception>(() => Pull(Name("team/act:1"), Right));
            Assert.Contains("no space left on device", error.Message);
            NothingIsLeft();
        }
        finally { await CommandRunner.Run("umount", [$"{directory}/store"]); }
    }

    [Fact]
    public async Task What_a_killed_agent_left_half_done_is_removed_and_its_programs_are_ended()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        Directory.CreateDirectory($"{directory}/store/work/999999-1-1/oci");
        using var left = System.Diagnostics.Process.Start("skopeo", ["copy", "--quiet", $"docker://{mute.LocalEndpoint}/a:1", $"oci:{directory}/store/work/999999-1-1/oci:image"])!;
        using var taken = await mute.AcceptTcpClientAsync(); // it is at work
        File.WriteAllText($"{directory}/store/work/999999-1-1/oci/oci-put-blob1", "half");
        using var mine = ImageWorkspace.Create($"{directory}/store");
        Assert.Equal(1, ImageWorkspace.RemoveAbandoned($"{directory}/store"));
        Assert.True(Directory.Exists(mine.Path));
        Assert.False(Directory.Exists($"{directory}/store/work/999999-1-1"));
        await left.WaitForExitAsync();
    }

    private ImageName Name(string image) => ImageName.Parse($"{registry.Host}/{image}");

    private async Task<Image> Pull(ImageName name, RegistryCredential? credential, string certificates = "/nowhere", CancellationToken cancel = default)
    {
        using var source = new RegistrySource(name, credential, $"{directory}/auth", certificates);
        return await Store.Pull(source.Source, name, credential, cancel);
    }

    private void NothingIsLeft()
    {
        Assert.Empty(Store.List());
        Assert.Empty(Entries("work"));
        Assert.Empty(Entries("unpacked"));
        Assert.Empty(Directory.Exists($"{directory}/auth") ? Directory.GetFiles($"{directory}/auth") : []);
    }

    private string[] Entries(string folder) => Directory.Exists($"{directory}/store/{folder}") ? Directory.GetFileSystemEntries($"{directory}/store/{folder}") : [];

    /// <param name="tag">The new image's name; null: adds to the one made last.</param>
    private async Task AddLayer(string? tag, params TarEntry[] entries)
    {
        var file = $"{directory}/layer.tar";
        await using (var tar = new TarWriter(File.Create(file)))
            foreach (var entry in entries) await tar.WriteEntryAsync(entry);
        if (tag is not null) await CommandRunner.Run("umoci", ["tag", "--image", $"{registry.Layout}:{TestImage.Name}", last = tag]);
        await CommandRunner.Run("umoci", ["raw", "add-layer", "--image", $"{registry.Layout}:{last}", file]);
    }

    private string last = "";
}
