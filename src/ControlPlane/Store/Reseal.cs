namespace ControlPlane.Store;

/// <summary>
/// Brings every row to the encryption that it should have, and old keys out of the key file: for a database from before
/// there was encryption, and after a new key was added. Each step can be repeated, so that whatever a crash left half
/// done is finished at the next start.
/// </summary>
internal static class Reseal
{
    /// <returns>How many rows were written.</returns>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">Disk full, I/O error; to be tried again.</exception>
    /// <exception cref="IOException">The key file cannot be written; to be tried again.</exception>
    public static int Run(SqliteFile file, RowEncryption encryption, StoreContent content)
    {
        var stale = content.Rows.Where(row => row.EncryptionKey != encryption.KeyFor(row.Key.Resource)).ToList();
        if (content.Format == 1 || stale.Count > 0)
        {
            file.Transaction(() =>
            {
                if (content.Format == 1) SqliteFormat.Upgrade(file);
                foreach (var row in stale) Write(file, encryption, row);
                file.Execute("UPDATE cluster SET scrub = 1");
            });
        }
        if (file.Scalar("SELECT scrub FROM cluster") != 0) Scrub(file);
        encryption.Keys.DropOld();
        return stale.Count;
    }

    private static void Write(SqliteFile file, RowEncryption encryption, StoredRow row)
    {
        var keyId = encryption.KeyFor(row.Key.Resource);
        var content = keyId == RowEncryption.Plain ? row.Json : encryption.Seal(row.Key, row.Revision, row.Json);
        using var update = file.Command("UPDATE objects SET content = @content, checksum = @checksum, encryption_key = @keyId WHERE resource = @resource AND namespace = @namespace AND name = @name");
        update.Parameters.AddWithValue("@content", content);
        update.Parameters.AddWithValue("@checksum", SqliteStore.Checksum(content));
        update.Parameters.AddWithValue("@keyId", keyId);
        update.Parameters.AddWithValue("@resource", row.Key.Resource);
        update.Parameters.AddWithValue("@namespace", row.Key.Namespace);
        update.Parameters.AddWithValue("@name", row.Key.Name);
        update.ExecuteNonQuery();
    }

    /// <summary>What was replaced is still in free pages and in the write-ahead log: the file is written anew, and the log emptied.</summary>
    private static void Scrub(SqliteFile file)
    {
        file.Execute("VACUUM");
        if (file.Scalar("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
            throw new IOException("the old content of Secrets could not be removed from the write-ahead log, as another process reads the database: is a backup being made?");
        file.Execute("UPDATE cluster SET scrub = 0");
    }
}
