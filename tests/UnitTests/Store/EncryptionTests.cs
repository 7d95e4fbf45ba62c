using System.Security.Cryptography;
using System.Text;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Store;

public sealed class EncryptionTests : IDisposable
{
    private const string Canary = "canary-5f1c0b7e9a";

    private static readonly Dictionary<string, Type> Types = new() { ["configmaps"] = typeof(ConfigMap), ["secrets"] = typeof(Secret) };

    private readonly TemporaryDirectory directory = new();

    private StoreFiles Files => new(directory.Path);

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task No_file_has_a_Secret_in_the_clear()
    {
        using (var store = Open())
        {
            var secret = await store.Create(Key("s"), Secret("s"));
            for (var i = 0; i < 3; i++) secret = await store.Update(Key("s"), secret.Revision, Secret("s"));
            await store.Create(Key("gone"), Secret("gone"));
            await store.Delete(Key("gone"), store.Snapshot.Get(Key("gone"))!.Revision);
            Assert.Empty(FilesWithCanary());
        }
        Assert.Empty(FilesWithCanary());
        using var reopened = Open();
        Assert.Equal(Canary, Value(reopened, "s"));
    }

    [Fact]
    public async Task The_key_is_its_owner_s_only_and_new_for_each_cluster()
    {
        using (Open()) Assert.Equal(StoreFiles.OwnerOnly, File.GetUnixFileMode(Files.Keys));
        using var other = new TemporaryDirectory();
        using (ObjectStore.Open(new StoreFiles(other.Path), Types)) Assert.NotEqual(File.ReadAllText(Files.Keys), await File.ReadAllTextAsync(new StoreFiles(other.Path).Keys));
    }

    [Fact]
    public void A_row_in_another_place_or_of_another_time_is_refused()
    {
        var encryption = new RowEncryption(EncryptionKeys.Create(Files.Keys));
        var content = encryption.Seal(Key("s"), 7, Encoding.UTF8.GetBytes(Canary));
        Assert.Equal(Canary, Encoding.UTF8.GetString(encryption.Unseal(Key("s"), 7, 1, content)));
        Assert.NotEqual(content, encryption.Seal(Key("s"), 7, Encoding.UTF8.GetBytes(Canary)));
        Assert.ThrowsAny<CryptographicException>(() => encryption.Unseal(Key("t"), 7, 1, content));
        Assert.ThrowsAny<CryptographicException>(() => encryption.Unseal(Key("s"), 8, 1, content));
        Assert.ThrowsAny<CryptographicException>(() => encryption.Unseal(Key("s"), 7, 2, content));
        content[20] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => encryption.Unseal(Key("s"), 7, 1, content));
    }

    [Fact]
    public async Task A_database_from_before_is_encrypted_at_start_and_its_old_content_is_gone()
    {
        WriteFormat1();
        Assert.NotEmpty(FilesWithCanary());
        using (var store = Open())
        {
            Assert.Equal(Canary, Value(store, "s9"));
            Assert.Equal(21, store.Snapshot.Revision);
            Assert.Empty(FilesWithCanary());
            Assert.Equal(22, (await store.Create(Key("new"), Secret("new"))).Revision);
        }
        Assert.Empty(FilesWithCanary());
        using var reopened = Open();
        Assert.Equal(Canary, Value(reopened, "s9"));
    }

    [Fact]
    public async Task Rotation_gives_every_Secret_the_new_key_and_forgets_the_old_one()
    {
        using (var store = Open())
            for (var i = 0; i < 20; i++) await store.Create(Key($"s{i}"), Secret($"s{i}"));
        var old = File.ReadAllText(Files.Keys);
        Assert.Equal((2, 20), KeyRotation.Run(Files));
        var keys = EncryptionKeys.Load(Files.Keys)!;
        Assert.Equal((2, 1), (keys.Current, keys.Count));
        Assert.DoesNotContain(old.Split('\n')[1].Split(' ')[1], File.ReadAllText(Files.Keys));
        using var reopened = Open();
        Assert.Equal(Canary, Value(reopened, "s7"));
        Assert.Contains("in use", Assert.Throws<StoreDamagedException>(() => KeyRotation.Run(Files)).Message);
    }

    /// <summary>A kill leaves the state between two steps; there are two such states.</summary>
    [Fact]
    public async Task A_rotation_that_was_killed_is_finished_at_the_next_start()
    {
        using (var store = Open()) await store.Create(Key("s"), Secret("s"));
        var first = File.ReadAllText(Files.Keys);
        EncryptionKeys.Load(Files.Keys)!.Add(); // killed before the rows were written
        var both = File.ReadAllText(Files.Keys);
        using (var store = Open()) Assert.Equal(Canary, Value(store, "s"));
        Assert.Equal(1, EncryptionKeys.Load(Files.Keys)!.Count);
        File.WriteAllText(Files.Keys, both); // killed before the old key was forgotten
        using (var store = Open()) Assert.Equal(Canary, Value(store, "s"));
        Assert.Equal((2, 1), (EncryptionKeys.Load(Files.Keys)!.Current, EncryptionKeys.Load(Files.Keys)!.Count));
        Assert.NotEqual(first, File.ReadAllText(Files.Keys));
    }

    /// <summary>As an older version of this program left it after a crash: Secrets in the clear, also in the log and in free pages.</summary>
    private void WriteFormat1()
    {
        File.WriteAllBytes(Files.Database, []);
        using var file = SqliteFile.Open(Files.Database);
        file.Execute("""
            PRAGMA journal_mode=WAL; PRAGMA secure_delete=OFF;
            CREATE TABLE objects(resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, json BLOB NOT NULL, checksum INTEGER NOT NULL,
                PRIMARY KEY(resource, namespace, name));
            CREATE TABLE cluster(revision INTEGER NOT NULL);
            INSERT INTO cluster VALUES(21);
            PRAGMA application_id=0x4E414753;
            PRAGMA user_version=1;
            """);
        for (var i = 0; i <= 20; i++)
        {
            var json = KubeJson.Serialize(Secret($"s{i}") with { Kind = "Secret", ApiVersion = "v1" });
            using var insert = file.Command("INSERT INTO objects VALUES('secrets', 'default', @name, @revision, @json, @checksum)");
            insert.Parameters.AddWithValue("@name", $"s{i}");
            insert.Parameters.AddWithValue("@revision", i + 1);
            insert.Parameters.AddWithValue("@json", json);
            insert.Parameters.AddWithValue("@checksum", SqliteStore.Checksum(json));
            insert.ExecuteNonQuery();
        }
        file.Execute("PRAGMA wal_checkpoint; DELETE FROM objects WHERE name IN ('s2', 's3', 's4')");
    }

    private IEnumerable<string> FilesWithCanary()
    {
        var forms = new[] { Encoding.UTF8.GetBytes(Canary), Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary))) };
        return Directory.GetFiles(directory.Path, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .Where(path => Array.Exists(forms, form => ReadShared(path).AsSpan().IndexOf(form) >= 0)).ToList();
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }

    private ObjectStore Open() => ObjectStore.Open(Files, Types);

    private static string Value(ObjectStore store, string name) => Encoding.UTF8.GetString(((Secret)store.Snapshot.Get(Key(name))!.Object).Data!["password"]);

    private static StoreKey Key(string name) => new("secrets", "default", name);

    private static Secret Secret(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Annotations = new Dictionary<string, string> { ["kubectl.kubernetes.io/last-applied-configuration"] = Canary } },
        Data = new Dictionary<string, byte[]> { ["password"] = Encoding.UTF8.GetBytes(Canary) },
    };
}
