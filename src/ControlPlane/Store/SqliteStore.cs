using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Store;

/// <summary>One object as it was on disk, its JSON in the clear; <paramref name="Key"/> and revision as in <see cref="StoredObject"/>.</summary>
internal readonly record struct StoredRow(StoreKey Key, long Revision, byte[] Json, int EncryptionKey);

/// <summary>
/// The objects on disk: one SQLite file in WAL mode with synchronous=FULL, so that what a commit returned for survives
/// a power cut (sqlite.org/wal.html, pragma.html#pragma_synchronous). One process at a time writes (<see cref="StoreFiles.TakeLock"/>);
/// a backup may read meanwhile. Used by one thread at a time.
/// </summary>
internal sealed class SqliteStore : IDisposable
{
    private readonly FileStream held;
    private readonly SqliteFile file;
    private readonly RowEncryption encryption;
    private readonly RevisionFloor floor;
    private readonly SqliteCommand put, remove, setRevision;

    private SqliteStore(FileStream held, SqliteFile file, RowEncryption encryption, RevisionFloor floor)
    {
        (this.held, this.file, this.encryption, this.floor) = (held, file, encryption, floor);
        put = file.Command("INSERT INTO objects(resource, namespace, name, revision, content, checksum, encryption_key) VALUES(@resource, @namespace, @name, @revision, @content, @checksum, @key) "
            + "ON CONFLICT(resource, namespace, name) DO UPDATE SET revision = excluded.revision, content = excluded.content, checksum = excluded.checksum, encryption_key = excluded.encryption_key");
        remove = file.Command("DELETE FROM objects WHERE resource = @resource AND namespace = @namespace AND name = @name");
        setRevision = file.Command("UPDATE cluster SET revision = @revision");
        foreach (var name in new[] { "@resource", "@namespace", "@name" })
        {
            put.Parameters.Add(name, SqliteType.Text);
            remove.Parameters.Add(name, SqliteType.Text);
        }
        put.Parameters.Add("@revision", SqliteType.Integer);
        put.Parameters.Add("@content", SqliteType.Blob);
        put.Parameters.Add("@checksum", SqliteType.Integer);
        put.Parameters.Add("@key", SqliteType.Integer);
        setRevision.Parameters.Add("@revision", SqliteType.Integer);
    }

    /// <summary>Opens or creates the database; its files are readable by their owner only.</summary>
    /// <returns>Also everything that was committed, and the last revision that was given out (to a delete, too).</returns>
    /// <exception cref="StoreDamagedException">The file is damaged, of another program or format, or in use. It was not changed.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static (SqliteStore Store, long Revision, List<StoredRow> Rows) Open(StoreFiles files)
    {
        Directory.CreateDirectory(files.Directory, StoreFiles.OwnerOnlyDirectory);
        var held = files.TakeLock();
        try
        {
            PendingRestore.Finish(files);
            StoreInspection.RequireDatabase(files);
            var (file, encryption, content) = StoreInspection.Open(files);
            try
            {
                file.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
                Reseal.Run(file, encryption, content);
                file.KeepLog(false);
                return (new SqliteStore(held, file, encryption, RevisionFloor.Open(files.Revision, content.Revision)), content.Revision, content.Rows);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (SqliteException e)
        {
            held.Dispose();
            throw StoreInspection.Describe(e, files);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Makes all changes durable, or none.</summary>
    /// <exception cref="SqliteException">Disk full, I/O error; nothing was changed, and the next commit is as good as any.</exception>
    public void Commit(IReadOnlyList<StoreEvent> changes)
    {
        var revision = changes[^1].Current.Revision;
        file.Transaction(() =>
        {
            foreach (var change in changes)
            {
                if (change.Type == StoreEventType.Deleted) Remove(change.Current.Key);
                else Put(change.Current);
            }
            setRevision.Parameters[0].Value = revision;
            setRevision.ExecuteNonQuery();
        });
        floor.Raise(revision);
    }

    public void Dispose()
    {
        put.Dispose();
        remove.Dispose();
        setRevision.Dispose();
        file.Dispose();
        floor.Dispose();
        held.Dispose();
    }

    private void Put(StoredObject obj)
    {
        var keyId = encryption.KeyFor(obj.Key.Resource);
        var content = keyId != RowEncryption.Plain ? encryption.Seal(obj.Key, obj.Revision, obj.Json.Span)
            : MemoryMarshal.TryGetArray(obj.Json, out var array) && array.Offset == 0 && array.Count == array.Array!.Length ? array.Array : obj.Json.ToArray();
        SetKey(put, obj.Key);
        put.Parameters[3].Value = obj.Revision;
        put.Parameters[4].Value = content;
        put.Parameters[5].Value = Checksum(content);
        put.Parameters[6].Value = keyId;
        put.ExecuteNonQuery();
    }

    private void Remove(StoreKey key)
    {
        SetKey(remove, key);
        remove.ExecuteNonQuery();
    }

    private static void SetKey(SqliteCommand command, StoreKey key) =>
        (command.Parameters[0].Value, command.Parameters[1].Value, command.Parameters[2].Value) = (key.Resource, key.Namespace, key.Name);

    /// <summary>SQLite checks the shape of its pages, not what stands in the rows. The first eight bytes of SHA-256.</summary>
    public static long Checksum(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
