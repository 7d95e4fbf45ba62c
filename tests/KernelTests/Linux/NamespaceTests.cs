using Linux;

namespace KernelTests.Linux;

public sealed class NamespaceTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("namespaces-").FullName;

    public void Dispose()
    {
        Assert.DoesNotContain(Mounts.Read(), mount => mount.Target.StartsWith(directory, StringComparison.Ordinal));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void Network_IPC_and_UTS_namespaces_are_made_together_with_a_host_name_and_removed_without_trace()
    {
        var pins = new PinnedNamespaces(Path.Combine(directory, "net"), Path.Combine(directory, "ipc"), Path.Combine(directory, "uts"), "my-pod");
        var own = Environment.MachineName;
        Assert.Equal(["lo"], pins.Create(() => { using var socket = new NetlinkSocket(); return Links.List(socket).Select(link => link.Name).Where(name => name == "lo").ToList(); }));
        Assert.Equal("my-pod", NamespaceThread.Run(() =>
        {
            using var file = File.OpenHandle(pins.Uts!);
            LibC.Check(LibC.setns((int)file.DangerousGetHandle(), LibC.CLONE_NEWUTS), "enter");
            return Sysctl.Read("kernel/hostname");
        }));
        Assert.Equal(own, Sysctl.Read("kernel/hostname"));
        Assert.Equal(3, Mounts.Read().Count(mount => mount.Target.StartsWith(directory, StringComparison.Ordinal) && mount.Type == "nsfs"));
        pins.Remove();
        pins.Remove();
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }

    [Fact]
    public void Where_one_pin_exists_already_nothing_is_made_and_it_stays()
    {
        File.WriteAllText(Path.Combine(directory, "uts"), "mine");
        var pins = new PinnedNamespaces(Path.Combine(directory, "net"), null, Path.Combine(directory, "uts"));
        Assert.Equal(LibC.EEXIST, Assert.Throws<SystemCallException>(pins.Create).Errno);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(directory, "uts")));
        Assert.Single(Directory.EnumerateFiles(directory));
    }

    [Fact]
    public void What_the_work_throws_inside_arrives_outside_and_leaves_nothing()
    {
        var pins = new PinnedNamespaces(Path.Combine(directory, "net"));
        Assert.Equal("inside", Assert.Throws<InvalidOperationException>(() => pins.Create<int>(() => throw new InvalidOperationException("inside"))).Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }

    [Fact]
    public async Task No_pool_thread_ends_up_in_a_namespace_that_was_entered()
    {
        var pins = new PinnedNamespaces(Path.Combine(directory, "net"));
        pins.Create();
        try
        {
            using var space = NetworkNamespace.Open(pins.Net);
            var own = Namespace();
            for (var i = 0; i < 20; i++) Assert.NotEqual(own, space.Run(Namespace));
            var seen = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => { Thread.Sleep(5); return Namespace(); })));
            Assert.All(seen, name => Assert.Equal(own, name));
        }
        finally { pins.Remove(); }

        static string Namespace() => File.ResolveLinkTarget("/proc/thread-self/ns/net", false)!.Name;
    }

    [Fact]
    public void A_directory_is_made_a_shared_mount_once()
    {
        var pods = Path.Combine(directory, "pods");
        Mounts.MakeShared(pods);
        Mounts.MakeShared(pods);
        try { Assert.True(Assert.Single(Mounts.Read(), mount => mount.Target == pods).Shared); }
        finally { Assert.True(Mounts.Remove(pods)); }
        Assert.False(Mounts.Remove(pods));
    }
}
