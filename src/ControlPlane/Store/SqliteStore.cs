using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Store;

/// <summary>One object as it is kept on disk.</summary>
internal readonly record struct StoredRow(StoreKey Key, long Revision, byte[] Json);

/// <summary>
/// The objects on disk: one SQLite file in WAL mode with synchronous=FULL, so that what a commit returned for survives
/// a power cut (sqlite.org/wal.html, pragma.html#pragma_synchronous). Opened exclusively: a second process is refused.
/// Used by one thread at a time. The library is the distribution's own libsqlite3.
/// </summary>
internal sealed class SqliteStore : IDisposable
{
    private const int ApplicationId = 0x4E41_4753; // "NAGS", marks the file as ours
    private const int FormatVersion = 1;

    private readonly string path;
    private readonly SqliteConnection connection;
    private SqliteCommand? put, remove, setRevision;

    static SqliteStore()
    {
        var provider = typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly;
        NativeLibrary.SetDllImportResolver(provider, static (name, assembly, search) =>
            NativeLibrary.Load(name == "e_sqlite3" ? "libsqlite3.so.0" : name, assembly, search));
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
    }

    private SqliteStore(string path)
    {
        this.path = path;
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 }.ToString());
    }

    /// <summary>Opens or creates the database; the file is readable by its owner only.</summary>
    /// <exception cref="StoreDamagedException">The file is damaged, of another program or format, or in use. It was not changed.</exception>
    public static SqliteStore Open(string path)
    {
        if (!File.Exists(path))
            new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }).Dispose();
        var store = new SqliteStore(path);
        try
        {
            store.connection.Open();
            store.Prepare();
            return store;
        }
        catch (SqliteException e)
        {
            store.Dispose();
            throw store.Describe(e);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Everything that was committed, and the last revision that was given out (also to a delete).</summary>
    /// <exception cref="StoreDamagedException">A page of the file is damaged.</exception>
    public (long Revision, List<StoredRow> Rows) Load()
    {
        try
        {
            var rows = new List<StoredRow>();
            using var select = Command("SELECT resource, namespace, name, revision, json, checksum FROM objects");
            using var reader = select.ExecuteReader();
            while (reader.Read())
            {
                var row = new StoredRow(new StoreKey(reader.GetString(0), reader.GetString(1), reader.GetString(2)), reader.GetInt64(3), reader.GetFieldValue<byte[]>(4));
                if (Checksum(row.Json) != reader.GetInt64(5))
                    throw Damaged($"the content of {row.Key.Resource} \"{row.Key.Namespace}/{row.Key.Name}\" is not what was written");
                rows.Add(row);
            }
            return (Scalar("SELECT revision FROM cluster"), rows);
        }
        catch (SqliteException e)
        {
            throw Describe(e);
        }
    }

    /// <summary>Makes all changes durable, or none.</summary>
    /// <exception cref="SqliteException">Disk full, I/O error; nothing was changed, and the next commit is as good as any.</exception>
    public void Commit(IReadOnlyList<StoreEvent> changes)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (var change in changes)
            {
                if (change.Type == StoreEventType.Deleted) Run(remove!, change.Current, withContent: false);
                else Run(put!, change.Current, withContent: true);
            }
            setRevision!.Parameters[0].Value = changes[^1].Current.Revision;
            setRevision.ExecuteNonQuery();
            Execute("COMMIT");
        }
        catch
        {
            // A COMMIT that fails has often rolled back by itself (sqlite.org/lang_transaction.html, 3). SqliteTransaction
            // does not know that: its rollback fails, and the connection refuses every transaction from then on.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0) Execute("ROLLBACK");
            throw;
        }
    }

    public void Dispose()
    {
        put?.Dispose();
        remove?.Dispose();
        setRevision?.Dispose();
        connection.Dispose();
    }

    private void Prepare()
    {
        // Exclusive before WAL: no shared-memory file, and a second process meets "database is locked".
        Execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA busy_timeout=2000");
        var fresh = Scalar("SELECT count(*) FROM sqlite_master") == 0;
        if (!fresh) RefuseUnlessOurs();
        Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000");
        if (fresh) CreateTables();
        put = Command("INSERT INTO objects(resource, namespace, name, revision, json, checksum) VALUES(@resource, @namespace, @name, @revision, @json, @checksum) "
            + "ON CONFLICT(resource, namespace, name) DO UPDATE SET revision = excluded.revision, json = excluded.json, checksum = excluded.checksum");
        remove = Command("DELETE FROM objects WHERE resource = @resource AND namespace = @namespace AND name = @name");
        setRevision = Command("UPDATE cluster SET revision = @revision");
        foreach (var name in new[] { "@resource", "@namespace", "@name" })
        {
            put.Parameters.Add(name, SqliteType.Text);
            remove.Parameters.Add(name, SqliteType.Text);
        }
        put.Parameters.Add("@revision", SqliteType.Integer);
        put.Parameters.Add("@json", SqliteType.Blob);
        put.Parameters.Add("@checksum", SqliteType.Integer);
        setRevision.Parameters.Add("@revision", SqliteType.Integer);
    }

    private void RefuseUnlessOurs()
    {
        if (Scalar("PRAGMA application_id") != ApplicationId)
            throw new StoreDamagedException($"{path} is a database of another program; it was left as it is");
        if (Scalar("PRAGMA user_version") is var version && version != FormatVersion)
            throw new StoreDamagedException($"{path} has format {version}, this program knows format {FormatVersion}; it was left as it is");
        using var check = Command("PRAGMA quick_check(1)");
        if (check.ExecuteScalar() as string is var verdict && verdict != "ok")
            throw Damaged(verdict ?? "the check has no result");
    }

    private void CreateTables() => Execute($"""
        BEGIN;
        CREATE TABLE objects(resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, json BLOB NOT NULL, checksum INTEGER NOT NULL,
            PRIMARY KEY(resource, namespace, name));
        CREATE TABLE cluster(revision INTEGER NOT NULL);
        INSERT INTO cluster VALUES(0);
        PRAGMA application_id={ApplicationId};
        PRAGMA user_version={FormatVersion};
        COMMIT;
        """);

    private static void Run(SqliteCommand command, StoredObject obj, bool withContent)
    {
        command.Parameters[0].Value = obj.Key.Resource;
        command.Parameters[1].Value = obj.Key.Namespace;
        command.Parameters[2].Value = obj.Key.Name;
        if (withContent)
        {
            command.Parameters[3].Value = obj.Revision;
            command.Parameters[5].Value = Checksum(obj.Json.Span);
            command.Parameters[4].Value = MemoryMarshal.TryGetArray(obj.Json, out var array) && array.Offset == 0 && array.Count == array.Array!.Length
                ? array.Array : obj.Json.ToArray();
        }
        command.ExecuteNonQuery();
    }

    private StoreDamagedException Describe(SqliteException e) => e.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_BUSY => new StoreDamagedException($"{path} is in use by another process", e),
        SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_CORRUPT => Damaged(e.Message, e),
        _ => new StoreDamagedException($"{path} cannot be used: {e.Message}", e),
    };

    private StoreDamagedException Damaged(string how, Exception? cause = null) =>
        new($"{path} is damaged: {how}; it was left as it is. Put a backup in its place or move it away", cause);

    /// <summary>SQLite checks the shape of its pages, not what stands in the rows. The first eight bytes of SHA-256.</summary>
    private static long Checksum(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    private SqliteCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    private long Scalar(string sql)
    {
        using var command = Command(sql);
        return Convert.ToInt64(command.ExecuteScalar());
    }
}
