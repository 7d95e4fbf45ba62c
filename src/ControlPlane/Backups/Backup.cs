using System.Formats.Tar;
using System.IO.Compression;
using ControlPlane.Store;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Backups;

/// <summary>
/// Writes a whole control plane into one file: a gzipped tar of its database and of <c>pki/</c> with the cluster's
/// authority and the keys of the Secrets. Whoever has the file has the cluster; it is made with mode 0600. The control
/// plane may go on writing meanwhile: the database is a consistent copy of one moment (sqlite.org/lang_vacuum.html, VACUUM INTO).
/// </summary>
internal static class Backup
{
    /// <param name="overwrite">Whether a file that is there is replaced.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="StoreDamagedException">There is no store, or it is damaged; nothing was written.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static BackupManifest Write(StoreFiles files, string target, bool overwrite)
    {
        if (!File.Exists(files.Database)) throw new StoreDamagedException($"there is no {files.Database}: nothing to back up");
        if (File.Exists(target) && !overwrite) throw new IOException($"{target} exists: give another name, or --force to replace it");
        var work = new StoreFiles(target + ".work");
        if (Directory.Exists(work.Directory)) Directory.Delete(work.Directory, recursive: true); // of one that was killed
        Directory.CreateDirectory(work.Directory, StoreFiles.OwnerOnlyDirectory);
        try
        {
            CopyPki(files.Pki, work.Pki); // first: whatever is encrypted later has its key in here, or is found wrong below
            CopyDatabase(files, work);
            var manifest = Describe(work);
            Pack(work, manifest, target);
            return manifest;
        }
        catch (SqliteException e)
        {
            throw StoreInspection.Describe(e, files);
        }
        finally
        {
            Directory.Delete(work.Directory, recursive: true);
        }
    }

    private static void CopyPki(string from, string to)
    {
        Directory.CreateDirectory(to, StoreFiles.OwnerOnlyDirectory);
        foreach (var path in Directory.GetFiles(from))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith('.') || name.EndsWith(".new", StringComparison.Ordinal)) continue; // locks, and files half written
            using var source = File.OpenRead(path);
            using var copy = new FileStream(Path.Combine(to, name), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = StoreFiles.OwnerOnly });
            source.CopyTo(copy);
        }
    }

    private static void CopyDatabase(StoreFiles files, StoreFiles work)
    {
        new FileStream(work.Database, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = StoreFiles.OwnerOnly }).Dispose();
        using var file = SqliteFile.Open(files.Database);
        using var copy = file.Command("VACUUM INTO @target");
        copy.Parameters.AddWithValue("@target", work.Database);
        copy.CommandTimeout = 0;
        copy.ExecuteNonQuery();
    }

    /// <summary>Reads the copy as a restore will: a backup that cannot be restored is none.</summary>
    private static BackupManifest Describe(StoreFiles work)
    {
        var (file, _, content) = StoreInspection.Open(work);
        file.Dispose();
        var names = Directory.GetFiles(work.Directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(work.Directory, path)).Order(StringComparer.Ordinal);
        return new BackupManifest(BackupManifest.CurrentFormat, DateTime.UtcNow, content.Revision, content.Rows.Count,
            names.ToDictionary(name => name, name => BackupManifest.Digest(Path.Combine(work.Directory, name))));
    }

    private static void Pack(StoreFiles work, BackupManifest manifest, string target)
    {
        var temporary = target + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = StoreFiles.OwnerOnly }))
        {
            using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
            using (var tar = new TarWriter(gzip, TarEntryFormat.Pax))
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.FileName) { DataStream = new MemoryStream(manifest.ToJson()), Mode = StoreFiles.OwnerOnly });
                foreach (var name in manifest.Files.Keys)
                {
                    using var content = File.OpenRead(Path.Combine(work.Directory, name));
                    tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = StoreFiles.OwnerOnly });
                }
            }
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, target, overwrite: true);
        StoreFiles.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
    }
}
