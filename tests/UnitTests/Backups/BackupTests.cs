using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using ControlPlane.Backups;
using ControlPlane.Certificates;
using ControlPlane.Store;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Backups;

public sealed class BackupTests : IDisposable
{
    private const string Canary = "canary-77d1b2c0";

    private static readonly Dictionary<string, Type> Types = new() { ["configmaps"] = typeof(ConfigMap), ["secrets"] = typeof(Secret) };

    private readonly TemporaryDirectory directory = new();

    private StoreFiles Files => new(directory.File("data"));

    private string Archive => directory.File("cluster.backup");

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task What_was_backed_up_while_the_store_was_written_to_is_there_again_after_a_restore()
    {
        string authority;
        using (var store = await Filled())
        {
            authority = File.ReadAllText(Path.Combine(Files.Pki, "ca.crt"));
            var manifest = Backup.Write(Files, Archive, overwrite: false);
            Assert.Equal((11, 11), (manifest.Revision, manifest.Objects));
            await store.Delete(Key("a1"), store.Snapshot.Get(Key("a1"))!.Revision);
            await store.Create(Key("later"), Map("later"));
        }
        var (_, replaced) = Restore.Run(Files, Archive, overwrite: true);
        using var restored = Open();
        Assert.NotNull(restored.Snapshot.Get(Key("a1")));
        Assert.Null(restored.Snapshot.Get(Key("later")));
        Assert.Equal(Canary, Encoding.UTF8.GetString(((Secret)restored.Snapshot.Get(new StoreKey("secrets", "default", "s"))!.Object).Data!["password"]));
        Assert.Equal(authority, File.ReadAllText(Path.Combine(Files.Pki, "ca.crt")));
        Assert.True(File.Exists(Path.Combine(replaced!, "store.db")));
        Assert.Empty(Directory.GetDirectories(Files.Directory, "restore*"));
    }

    [Fact]
    public async Task Watches_from_before_a_restore_are_told_to_list_again()
    {
        using (var store = await Filled())
        {
            Backup.Write(Files, Archive, overwrite: false);
            for (var i = 0; i < 100; i++) await store.Create(Key($"later{i}"), Map($"later{i}"));
        }
        Restore.Run(Files, Archive, overwrite: true);
        using var restored = Open();
        Assert.True(restored.Snapshot.Revision >= 111 + 1_000_000_000);
        Assert.Throws<RevisionTooOldException>(() => restored.Log.Watch(111, _ => true));
        Assert.Equal(restored.Snapshot.Revision + 1, (await restored.Create(Key("new"), Map("new"))).Revision);
    }

    [Fact]
    public async Task A_backup_is_its_owner_s_only_and_has_no_Secret_in_the_clear()
    {
        using var store = await Filled();
        Backup.Write(Files, Archive, overwrite: false);
        Assert.Equal(StoreFiles.OwnerOnly, File.GetUnixFileMode(Archive));
        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(File.OpenRead(Archive), CompressionMode.Decompress)) gzip.CopyTo(unpacked);
        foreach (var form in new[] { Canary, Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary)) })
            Assert.Equal(-1, unpacked.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(form)));
        Assert.Equal([Archive], Directory.GetFiles(directory.Path));
        Assert.Contains("exists", Assert.Throws<IOException>(() => Backup.Write(Files, Archive, overwrite: false)).Message);
    }

    [Fact]
    public async Task A_running_or_present_cluster_is_not_replaced_by_mistake()
    {
        using (var store = await Filled())
        {
            Backup.Write(Files, Archive, overwrite: false);
            Assert.Contains("in use by another process", Assert.Throws<StoreDamagedException>(() => Restore.Run(Files, Archive, overwrite: true)).Message);
        }
        Assert.Contains("--force", Assert.Throws<StoreDamagedException>(() => Restore.Run(Files, Archive, overwrite: false)).Message);
        using var untouched = Open();
        Assert.Equal(11, untouched.Snapshot.Revision);
    }

    [Fact]
    public async Task It_can_be_restored_where_nothing_is()
    {
        using (await Filled()) Backup.Write(Files, Archive, overwrite: false);
        Directory.Delete(Files.Directory, recursive: true);
        Assert.Null(Restore.Run(Files, Archive, overwrite: false).Replaced);
        using var restored = Open();
        Assert.NotNull(restored.Snapshot.Get(Key("a1")));
    }

    [Fact]
    public async Task A_damaged_database_is_replaced_and_a_damaged_one_is_not_backed_up()
    {
        using (await Filled()) Backup.Write(Files, Archive, overwrite: false);
        File.WriteAllText(Files.Database, "nothing");
        Assert.Throws<StoreDamagedException>(() => Backup.Write(Files, Archive, overwrite: true));
        Restore.Run(Files, Archive, overwrite: true);
        using var restored = Open();
        Assert.NotNull(restored.Snapshot.Get(Key("a1")));
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("changed")]
    [InlineData("no backup")]
    [InlineData("empty")]
    [InlineData("a file too many")]
    [InlineData("a path out of it")]
    public async Task A_damaged_backup_changes_nothing(string damage)
    {
        using (await Filled()) Backup.Write(Files, Archive, overwrite: false);
        var bytes = File.ReadAllBytes(Archive);
        File.WriteAllBytes(Archive, damage switch
        {
            "cut off" => bytes[..(bytes.Length / 2)],
            "changed" => Repacked(bytes, content => content[content.Length / 2] ^= 1),
            "no backup" => Encoding.ASCII.GetBytes("my notes"),
            "a file too many" => Repacked(bytes, null, "pki/more.key"),
            "a path out of it" => Repacked(bytes, null, "../outside"),
            _ => [],
        });
        Assert.Contains("nothing was changed", Assert.Throws<InvalidDataException>(() => Restore.Run(Files, Archive, overwrite: true)).Message);
        Assert.False(File.Exists(directory.File("outside")));
        using var untouched = Open();
        Assert.Equal(11, untouched.Snapshot.Revision);
    }

    /// <summary>The next start finishes an exchange of files wherever it was cut short.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_restore_that_was_killed_is_finished_by_the_next_start(int moved)
    {
        using (var store = await Filled())
        {
            Backup.Write(Files, Archive, overwrite: false);
            await store.Create(Key("later"), Map("later"));
        }
        using (var elsewhere = new TemporaryDirectory())
        {
            var target = new StoreFiles(elsewhere.File("data"));
            Restore.Run(target, Archive, overwrite: false);
            var ready = Path.Combine(Files.Directory, "restore.ready");
            Directory.CreateDirectory(ready);
            string[] names = ["store.revision", "pki", "store.db"];
            foreach (var name in names) Directory.Move(Path.Combine(target.Directory, name), Path.Combine(ready, name));
            foreach (var name in names.Take(moved))
            {
                if (Directory.Exists(Path.Combine(Files.Directory, name))) Directory.Delete(Path.Combine(Files.Directory, name), recursive: true);
                else File.Delete(Path.Combine(Files.Directory, name));
                Directory.Move(Path.Combine(ready, name), Path.Combine(Files.Directory, name));
            }
        }
        using var restored = Open();
        Assert.Null(restored.Snapshot.Get(Key("later")));
        Assert.NotNull(restored.Snapshot.Get(Key("a1")));
        Assert.False(Directory.Exists(Path.Combine(Files.Directory, "restore.ready")));
    }

    private static byte[] Repacked(byte[] archive, Action<byte[]>? change, string? more = null)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        using (var to = new TarWriter(gzip))
        {
            using var from = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
            while (from.GetNextEntry(copyData: true) is { } entry)
            {
                var content = new MemoryStream();
                entry.DataStream!.CopyTo(content);
                var bytes = content.ToArray();
                if (entry.Name == "store.db") change?.Invoke(bytes);
                to.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, entry.Name) { DataStream = new MemoryStream(bytes) });
            }
            if (more is not null) to.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, more) { DataStream = new MemoryStream([1]) });
        }
        return output.ToArray();
    }

    private async Task<ObjectStore> Filled()
    {
        var store = Open();
        using (ClusterCa.Open(Files.Pki)) { }
        for (var i = 0; i < 10; i++) await store.Create(Key($"a{i}"), Map($"a{i}"));
        await store.Create(new StoreKey("secrets", "default", "s"), new Secret
        {
            Metadata = new ObjectMeta { Name = "s", Namespace = "default" }, Data = new Dictionary<string, byte[]> { ["password"] = Encoding.UTF8.GetBytes(Canary) },
        });
        return store;
    }

    private ObjectStore Open() => ObjectStore.Open(Files, Types);

    private static StoreKey Key(string name) => new("configmaps", "default", name);

    private static ConfigMap Map(string name) => new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" } };
}
