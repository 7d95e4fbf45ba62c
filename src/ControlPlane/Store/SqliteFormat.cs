using Microsoft.Data.Sqlite;

namespace ControlPlane.Store;

/// <summary>
/// The shape of the database file: how it is made, recognised and brought from an older shape to the present one.
/// Format 1 had no encryption: its column <c>json</c> is now <c>content</c>, which <c>encryption_key</c> says how to read.
/// </summary>
internal static class SqliteFormat
{
    private const int ApplicationId = 0x4E41_4753; // "NAGS", marks the file as ours
    private const int Current = 2;

    /// <summary>Makes an empty database, whole or not at all.</summary>
    /// <exception cref="SqliteException">It cannot be written.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Create(string path)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = StoreFiles.OwnerOnly }).Dispose();
        using (var file = SqliteFile.Open(temporary))
        {
            file.Execute($"""
                BEGIN;
                CREATE TABLE objects(resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, content BLOB NOT NULL, checksum INTEGER NOT NULL,
                    encryption_key INTEGER NOT NULL, PRIMARY KEY(resource, namespace, name));
                CREATE TABLE cluster(revision INTEGER NOT NULL, scrub INTEGER NOT NULL DEFAULT 0);
                INSERT INTO cluster(revision) VALUES(0);
                PRAGMA application_id={ApplicationId};
                PRAGMA user_version={Current};
                COMMIT;
                """);
        }
        File.Move(temporary, path);
        StoreFiles.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The format of a file of ours whose pages are in order.</summary>
    /// <exception cref="StoreDamagedException">It is another program's, of an unknown format, or damaged.</exception>
    public static int Check(SqliteFile file, StoreFiles files)
    {
        if (file.Scalar("SELECT count(*) FROM sqlite_master") == 0)
            throw new StoreDamagedException($"{files.Database} is damaged: there are no tables in it; it was left as it is. {files.HowToRestore}");
        if (file.Scalar("PRAGMA application_id") != ApplicationId)
            throw new StoreDamagedException($"{files.Database} is a database of another program; it was left as it is. {files.HowToRestore}");
        var format = file.Scalar("PRAGMA user_version");
        if (format is < 1 or > Current)
            throw new StoreDamagedException($"{files.Database} has format {format}, this program knows the formats up to {Current}; it was left as it is. Start the version of controlplane that wrote it, or restore a backup of this one's: controlplane restore FILE --data-dir {files.Directory} --force");
        using var check = file.Command("PRAGMA quick_check(1)");
        if (check.ExecuteScalar() as string is var verdict && verdict != "ok")
            throw new StoreDamagedException($"{files.Database} is damaged: {verdict}; it was left as it is. {files.HowToRestore}");
        return (int)format;
    }

    /// <summary>Within a transaction; the rows are as they were, not encrypted.</summary>
    public static void Upgrade(SqliteFile file) => file.Execute($"""
        ALTER TABLE objects RENAME COLUMN json TO content;
        ALTER TABLE objects ADD COLUMN encryption_key INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE cluster ADD COLUMN scrub INTEGER NOT NULL DEFAULT 0;
        PRAGMA user_version={Current};
        """);

    /// <summary>The columns of a row, in the order key, revision, content, checksum, number of the encryption key.</summary>
    public static string Select(int format) => format == 1
        ? "SELECT resource, namespace, name, revision, json, checksum, 0 FROM objects"
        : "SELECT resource, namespace, name, revision, content, checksum, encryption_key FROM objects";
}
