using System.Formats.Tar;
using System.IO.Compression;
using ControlPlane.Certificates;
using ControlPlane.Store;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Backups;

/// <summary>
/// Puts a backup in the place of a data directory: unpacked and verified beside the present files, then exchanged in
/// steps that the next start finishes if they are cut short (<see cref="PendingRestore"/>). The present files are kept.
/// Revisions go on far beyond those that were given out since the backup, so that every watch from before gets 410
/// and lists again (as etcdutl snapshot restore --bump-revision does).
/// </summary>
internal static class Restore
{
    /// <summary>More writes than any cluster makes between a backup and its restore.</summary>
    private const long RevisionJump = 1_000_000_000;

    private const int LargestFileCount = 100;

    /// <param name="overwrite">Whether a cluster that is there is replaced.</param>
    /// <returns>What was restored, and the directory with the files that were there before; null if there were none.</returns>
    /// <exception cref="StoreDamagedException">A control plane runs on the data, or there is a cluster and it is not to be replaced.</exception>
    /// <exception cref="InvalidDataException">The backup is damaged, or none; nothing was changed.</exception>
    /// <exception cref="IOException">A file cannot be read or written; nothing was changed.</exception>
    public static (BackupManifest Manifest, string? Replaced) Run(StoreFiles files, string archive, bool overwrite)
    {
        using var input = File.OpenRead(archive);
        Directory.CreateDirectory(files.Directory, StoreFiles.OwnerOnlyDirectory);
        using var held = files.TakeLock();
        PendingRestore.Finish(files);
        if (!overwrite && (Directory.Exists(files.Pki) || File.Exists(files.Database) || File.Exists(files.Revision)))
            throw new StoreDamagedException($"there is a cluster in {files.Directory}: nothing was changed. With --force the backup takes its place; its files are kept beside");
        var unpacked = PendingRestore.Unfinished(files);
        try
        {
            Unpack(input, unpacked);
            var manifest = BackupManifest.Verify(unpacked.Directory);
            VerifyAuthority(unpacked);
            RaiseRevision(unpacked, Math.Max(manifest.Revision, RevisionFloor.Read(files.Revision)) + RevisionJump);
            return (manifest, PendingRestore.Commit(files));
        }
        catch (Exception e) when (e is InvalidDataException or StoreDamagedException or SqliteException or FormatException or EndOfStreamException or System.Security.Cryptography.CryptographicException)
        {
            throw new InvalidDataException($"{archive} cannot be restored, nothing was changed: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(unpacked.Directory)) Directory.Delete(unpacked.Directory, recursive: true);
        }
    }

    private static void Unpack(Stream input, StoreFiles unpacked)
    {
        using var gzip = new GZipStream(input, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        var count = 0;
        while (tar.GetNextEntry() is { } entry)
        {
            if (++count > LargestFileCount || entry.EntryType != TarEntryType.RegularFile || !IsExpected(entry.Name))
                throw new InvalidDataException($"\"{entry.Name}\" does not belong in a backup");
            var path = Path.Combine(unpacked.Directory, entry.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, StoreFiles.OwnerOnlyDirectory);
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = StoreFiles.OwnerOnly });
            entry.DataStream?.CopyTo(file);
            file.Flush(flushToDisk: true);
        }
    }

    private static bool IsExpected(string name) => name is BackupManifest.FileName or "store.db"
        || name.Split('/') is ["pki", { Length: > 0 } file] && file[0] != '.' && file.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    private static void VerifyAuthority(StoreFiles unpacked)
    {
        if (!File.Exists(Path.Combine(unpacked.Pki, "ca.crt"))) throw new InvalidDataException("the cluster's authority, pki/ca.crt, is missing");
        using var authority = ClusterCa.Open(unpacked.Pki);
    }

    /// <summary>Every row is read and decrypted on the way.</summary>
    private static void RaiseRevision(StoreFiles unpacked, long revision)
    {
        if (!File.Exists(unpacked.Keys)) throw new InvalidDataException("the keys of the Secrets, pki/encryption.keys, are missing");
        var (file, _, _) = StoreInspection.Open(unpacked);
        using (file)
        {
            file.Execute($"PRAGMA synchronous=FULL; UPDATE cluster SET revision = {revision}");
            file.KeepLog(false);
        }
        using (RevisionFloor.Open(unpacked.Revision, revision)) { }
    }
}
