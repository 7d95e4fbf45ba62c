using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Store;

/// <summary>What a database holds, every row verified and in the clear.</summary>
/// <param name="Format">See <see cref="SqliteFormat"/>.</param>
internal sealed record StoreContent(int Format, long Revision, List<StoredRow> Rows);

/// <summary>Opens a store's files without changing them, and says what is wrong with them and how to go on.</summary>
internal static class StoreInspection
{
    /// <summary>Makes an empty database where none has ever been; where one has been, it must be there.</summary>
    /// <exception cref="StoreDamagedException">It is missing or empty.</exception>
    public static void RequireDatabase(StoreFiles files)
    {
        if (File.Exists(files.Database))
        {
            if (new FileInfo(files.Database).Length == 0) throw Damaged(files, "it is empty, without even a header");
            return;
        }
        var last = RevisionFloor.Read(files.Revision);
        if (last > 0 || files.Logs.Any(File.Exists))
            throw new StoreDamagedException($"{files.Database} is missing, but there was a cluster here{(last > 0 ? $", at revision {last}" : "")}; nothing was changed. {files.HowToRestore}. "
                + $"To begin with an empty cluster, move {files.Directory} away");
        SqliteFormat.Create(files.Database);
    }

    /// <summary>Opens the database and reads and verifies all of it.</summary>
    /// <exception cref="StoreDamagedException">Something is wrong.</exception>
    /// <exception cref="SqliteException">SQLite finds something wrong: see <see cref="Describe"/>.</exception>
    public static (SqliteFile File, RowEncryption Encryption, StoreContent Content) Open(StoreFiles files)
    {
        var file = SqliteFile.Open(files.Database);
        try
        {
            var format = SqliteFormat.Check(file, files);
            var encryption = new RowEncryption(Keys(file, files, format));
            var content = new StoreContent(format, file.Scalar("SELECT revision FROM cluster"), Rows(file, files, format, encryption));
            RequireRevision(files, content.Revision);
            return (file, encryption, content);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static StoreDamagedException Describe(SqliteException e, StoreFiles files) => e.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_BUSY => new StoreDamagedException($"{files.Database} is in use by another process", e),
        SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_CORRUPT => Damaged(files, e.Message, e),
        SQLitePCL.raw.SQLITE_FULL => new StoreDamagedException($"the disk of {files.Directory} is full; nothing was changed. Free some space there and start again", e),
        _ => new StoreDamagedException($"{files.Database} cannot be used: {e.Message}; it was left as it is", e),
    };

    private static EncryptionKeys Keys(SqliteFile file, StoreFiles files, int format)
    {
        if (EncryptionKeys.Load(files.Keys) is { } keys) return keys;
        if (format > 1 && file.Scalar("SELECT count(*) FROM objects WHERE encryption_key > 0") is > 0 and var count)
            throw new StoreDamagedException($"{files.Keys} is missing, without which {count} Secrets in {files.Database} cannot be read; nothing was changed. Put its copy from a backup in its place. {files.HowToRestore}");
        return EncryptionKeys.Create(files.Keys);
    }

    private static List<StoredRow> Rows(SqliteFile file, StoreFiles files, int format, RowEncryption encryption)
    {
        var rows = new List<StoredRow>();
        using var select = file.Command(SqliteFormat.Select(format));
        using var reader = select.ExecuteReader();
        while (reader.Read())
        {
            var key = new StoreKey(reader.GetString(0), reader.GetString(1), reader.GetString(2));
            var (revision, content, keyId) = (reader.GetInt64(3), reader.GetFieldValue<byte[]>(4), reader.GetInt32(6));
            if (SqliteStore.Checksum(content) != reader.GetInt64(5)) throw Damaged(files, $"the content of {key.Resource} \"{key.Namespace}/{key.Name}\" is not what was written");
            try
            {
                rows.Add(new StoredRow(key, revision, keyId == RowEncryption.Plain ? content : encryption.Unseal(key, revision, keyId, content), keyId));
            }
            catch (CryptographicException e)
            {
                throw Damaged(files, $"{key.Resource} \"{key.Namespace}/{key.Name}\" cannot be decrypted with {files.Keys}: {e.Message}", e);
            }
        }
        return rows;
    }

    private static void RequireRevision(StoreFiles files, long revision)
    {
        var last = RevisionFloor.Read(files.Revision);
        if (revision < last)
            throw Damaged(files, $"it ends at revision {revision}, but writes up to revision {last} were acknowledged: {files.Logs[0]} is missing or damaged, or this is an old copy");
    }

    private static StoreDamagedException Damaged(StoreFiles files, string how, Exception? cause = null) =>
        new($"{files.Database} is damaged: {how}; it was left as it is. {files.HowToRestore}", cause);
}
