using KubeApi;
using KubeApi.Objects;
using NodeAgent;

namespace UnitTests.KernelState;

public sealed class ServiceSnapshotFileTests : IDisposable
{
    private readonly NodePaths paths = new(Directory.CreateTempSubdirectory("snapshot-").FullName);
    private readonly Dictionary<string, Service> services = [];

    private ServiceSnapshot All() => new([.. services.Values], [], [], "node1", "10.244.0.0/16", "10.96.0.0/16");

    private Service Put(ServiceSnapshotFile file, string name, string version, string padding = "")
    {
        var service = new Service { Metadata = new ObjectMeta { Namespace = "default", Name = name, ResourceVersion = version, Annotations = new Dictionary<string, string> { ["p"] = padding } } };
        file.Changed(services.GetValueOrDefault(service.Key), service);
        return services[service.Key] = service;
    }

    private string Known() => string.Join(' ', ServiceSnapshot.Read(paths)!.Services.Select(service => $"{service.Name}={service.Metadata.ResourceVersion}").Order(StringComparer.Ordinal));

    private long Size(string pattern) => Directory.GetFiles(paths.Run, pattern).Sum(file => new FileInfo(file).Length);

    [Fact]
    public void A_change_costs_a_line_and_is_read_with_the_whole()
    {
        var file = new ServiceSnapshotFile(paths);
        for (var i = 0; i < 200; i++) Put(file, $"s{i}", "1");
        file.Save(All);
        var (whole, before) = (File.GetLastWriteTimeUtc(ServiceSnapshot.Place(paths)), Size("*"));
        Put(file, "s7", "2");
        Put(file, "new", "3");
        file.Changed(services["default/s8"], null);
        services.Remove("default/s8");
        file.Save(All);
        Assert.Equal(whole, File.GetLastWriteTimeUtc(ServiceSnapshot.Place(paths)));
        Assert.InRange(Size("*") - before, 1, before / 20);
        Assert.Contains("new=3", Known());
        Assert.Contains("s7=2 ", Known());
        Assert.DoesNotContain("s8=", Known());
        Assert.Equal(200, ServiceSnapshot.Read(paths)!.Services.Count);
    }

    [Fact]
    public void A_line_that_the_agent_was_killed_at_is_left_out()
    {
        var file = new ServiceSnapshotFile(paths);
        Put(file, "a", "1");
        file.Save(All);
        Put(file, "b", "2");
        file.Save(All);
        Put(file, "c", "3");
        file.Save(All);
        var journal = Assert.Single(Directory.GetFiles(paths.Run, "*.jsonl"));
        using (var torn = new FileStream(journal, FileMode.Open)) torn.SetLength(torn.Length - 20);
        Assert.Equal("a=1 b=2", Known());
    }

    [Fact]
    public void A_long_journal_becomes_a_new_whole_and_a_next_agent_does_not_read_an_old_one()
    {
        var file = new ServiceSnapshotFile(paths);
        for (var i = 1; i <= 40; i++)
        {
            Put(file, "a", $"{i}", new string('x', 20_000));
            file.Save(All);
            Assert.Equal($"a={i}", Known());
        }
        Assert.InRange(Size("*.jsonl"), 0, 300_000);

        var next = new ServiceSnapshotFile(paths);
        services.Clear();
        Put(next, "b", "99");
        next.Save(All);
        Assert.Equal("b=99", Known());
        Assert.Empty(Directory.GetFiles(paths.Run, "*.jsonl"));
    }

    [Fact]
    public void What_is_of_no_object_is_written_with_the_whole()
    {
        var file = new ServiceSnapshotFile(paths);
        file.Save(All);
        file.SettingsChanged();
        file.Save(() => All() with { Tunnelled = ["node9"] });
        Assert.Equal(["node9"], ServiceSnapshot.Read(paths)!.Tunnelled);
    }

    public void Dispose() => Directory.Delete(paths.Run, recursive: true);
}
