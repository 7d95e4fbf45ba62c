using ControlPlane.Store;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Store;

/// <summary>A store whose files are not as they were left: it says what is wrong and how to go on, and changes nothing.</summary>
public sealed class DamagedDatabaseTests : IDisposable
{
    private static readonly Dictionary<string, Type> Types = new() { ["configmaps"] = typeof(ConfigMap), ["secrets"] = typeof(Secret) };

    private readonly TemporaryDirectory directory = new();

    private StoreFiles Files => new(directory.Path);

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(0)] // the header
    [InlineData(4096)] // a page of the tree
    [InlineData(5 * 4096 + 200)] // the content of rows
    public async Task Random_bytes(int at)
    {
        await Fill();
        Damage(bytes => new Random(1).NextBytes(bytes.AsSpan(at, 300)));
        Refused(" is damaged: ");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public async Task A_page_of_zeros(int page)
    {
        await Fill();
        Damage(bytes => bytes.AsSpan(page * 4096, 4096).Clear());
        Refused(" is damaged: ");
    }

    [Theory]
    [InlineData(0, "it is empty")]
    [InlineData(50, "is damaged: ")]
    [InlineData(4096, "is damaged: ")]
    [InlineData(5 * 4096, "is damaged: ")]
    [InlineData(5 * 4096 + 100, "is damaged: ")]
    public async Task A_truncated_file(int length, string what)
    {
        await Fill();
        File.WriteAllBytes(Files.Database, File.ReadAllBytes(Files.Database)[..length]);
        Refused(what);
    }

    [Fact]
    public void An_empty_file_where_no_cluster_has_been()
    {
        File.WriteAllBytes(Files.Database, []);
        Refused("it is empty");
    }

    [Fact]
    public async Task A_file_that_is_gone()
    {
        await Fill();
        File.Delete(Files.Database);
        var refused = Assert.Throws<StoreDamagedException>(() => Open());
        Assert.Contains("store.db is missing, but there was a cluster here, at revision 50", refused.Message);
        Assert.Contains(Files.HowToRestore, refused.Message);
        Assert.False(File.Exists(Files.Database));
    }

    [Fact]
    public async Task A_write_ahead_log_that_is_gone()
    {
        await CopyOfARunningStore();
        File.Delete(Files.Logs[0]);
        Refused("writes up to revision 60 were acknowledged");
    }

    [Fact]
    public async Task A_write_ahead_log_with_random_bytes()
    {
        await CopyOfARunningStore();
        var log = File.ReadAllBytes(Files.Logs[0]);
        new Random(1).NextBytes(log.AsSpan(log.Length / 2, 100));
        File.WriteAllBytes(Files.Logs[0], log);
        Refused("writes up to revision 60 were acknowledged");
    }

    [Fact]
    public async Task A_write_ahead_log_that_is_whole_is_used()
    {
        await CopyOfARunningStore();
        using var store = Open();
        Assert.Equal(60, store.Snapshot.Revision);
    }

    [Fact]
    public async Task An_old_copy_in_its_place()
    {
        await Fill();
        var old = File.ReadAllBytes(Files.Database);
        using (var store = Open()) await store.Create(Key("later"), Map("later"));
        File.WriteAllBytes(Files.Database, old);
        Refused("it ends at revision 50, but writes up to revision 51 were acknowledged");
    }

    [Fact]
    public async Task Another_version()
    {
        await Fill();
        using (var file = SqliteFile.Open(Files.Database)) file.Execute("PRAGMA user_version=99");
        Refused("has format 99, this program knows the formats up to 2");
    }

    [Fact]
    public void The_database_of_another_program()
    {
        File.WriteAllBytes(Files.Database, []);
        using (var file = SqliteFile.Open(Files.Database)) file.Execute("CREATE TABLE songs(title TEXT)");
        Refused("is a database of another program");
    }

    [Fact]
    public void A_file_that_is_no_database()
    {
        File.WriteAllText(Files.Database, "these are my holiday notes, please do not lose them; they are longer than a database header, as it should be, I think");
        Refused("is damaged: ");
    }

    [Fact]
    public async Task A_key_file_that_is_gone()
    {
        await Fill();
        File.Delete(Files.Keys);
        Refused("encryption.keys is missing, without which 1 Secrets in");
        Assert.False(File.Exists(Files.Keys));
    }

    [Fact]
    public async Task Another_key()
    {
        await Fill();
        File.Delete(Files.Keys);
        EncryptionKeys.Create(Files.Keys);
        Refused("secrets \"default/s\" cannot be decrypted");
    }

    [Fact]
    public async Task A_key_file_with_something_else_in_it()
    {
        await Fill();
        File.WriteAllText(Files.Keys, "1 c2hvcnQ=\n");
        Assert.Contains("a line is no key", Assert.Throws<StoreDamagedException>(() => Open()).Message);
    }

    [Fact]
    public async Task A_key_file_that_others_may_read()
    {
        await Fill();
        File.SetUnixFileMode(Files.Keys, StoreFiles.OwnerOnly | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<StoreDamagedException>(() => Open()).Message);
    }

    /// <summary>Fifty objects, a Secret among them, at revision 50; closed.</summary>
    private async Task Fill()
    {
        using var store = Open();
        await store.Create(new StoreKey("secrets", "default", "s"), new Secret { Metadata = new ObjectMeta { Name = "s", Namespace = "default" } });
        for (var i = 1; i < 50; i++) await store.Create(Key($"a{i}"), Map($"a{i}"));
    }

    /// <summary>As a killed process leaves them: the last ten writes are in the log alone.</summary>
    private async Task CopyOfARunningStore()
    {
        await Fill();
        using var elsewhere = new TemporaryDirectory();
        using (var store = Open())
        {
            for (var i = 0; i < 10; i++) await store.Create(Key($"b{i}"), Map($"b{i}"));
            foreach (var file in new[] { Files.Database, Files.Logs[0], Files.Revision }) File.Copy(file, elsewhere.File(Path.GetFileName(file)));
        }
        foreach (var file in new[] { Files.Database, Files.Logs[0], Files.Revision }) File.Copy(elsewhere.File(Path.GetFileName(file)), file, overwrite: true);
    }

    private void Damage(Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(Files.Database);
        change(bytes);
        File.WriteAllBytes(Files.Database, bytes);
    }

    private void Refused(string what)
    {
        var before = File.ReadAllBytes(Files.Database);
        var refused = Assert.Throws<StoreDamagedException>(() => Open().Dispose());
        Assert.Contains(Files.Directory, refused.Message);
        Assert.Contains(what, refused.Message);
        Assert.Contains("controlplane restore FILE", refused.Message);
        Assert.Equal(before, File.ReadAllBytes(Files.Database));
    }

    private ObjectStore Open() => ObjectStore.Open(Files, Types);

    private static StoreKey Key(string name) => new("configmaps", "default", name);

    private static ConfigMap Map(string name) =>
        new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["value"] = new string('x', 500) } };
}
