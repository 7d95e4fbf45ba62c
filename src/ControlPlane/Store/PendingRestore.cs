using System.Globalization;

namespace ControlPlane.Store;

/// <summary>
/// The exchange of a data directory's files for restored ones. One rename decides: before it, nothing has happened; after
/// it, whoever opens the store next finishes the exchange. The files that were there go to <c>before-restore-TIME/</c>.
/// </summary>
internal static class PendingRestore
{
    private const string NameFile = "replaced-files-go-to";

    /// <summary>An empty place for the restored files.</summary>
    public static StoreFiles Unfinished(StoreFiles files)
    {
        var place = Path.Combine(files.Directory, "restore.new");
        if (Directory.Exists(place)) Directory.Delete(place, recursive: true); // of one that was killed
        Directory.CreateDirectory(place, StoreFiles.OwnerOnlyDirectory);
        return new StoreFiles(place);
    }

    /// <summary>The files in <see cref="Unfinished"/> are complete: they take their place.</summary>
    /// <returns>Where the files from before are; null if there were none.</returns>
    /// <exception cref="IOException">A file cannot be moved; the next start tries again.</exception>
    public static string? Commit(StoreFiles files)
    {
        var place = Path.Combine(files.Directory, "restore.new");
        var kept = $"before-restore-{DateTime.UtcNow.ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture)}";
        StoreFiles.Replace(Path.Combine(place, NameFile), System.Text.Encoding.ASCII.GetBytes(kept));
        if (Directory.Exists(Path.Combine(place, "pki"))) StoreFiles.SyncDirectory(Path.Combine(place, "pki"));
        Directory.Move(place, Ready(files).Directory);
        StoreFiles.SyncDirectory(files.Directory);
        Finish(files);
        var replaced = Path.Combine(files.Directory, kept);
        return Directory.Exists(replaced) ? replaced : null;
    }

    /// <summary>Finishes an exchange that was cut short; does nothing where there is none. Call with the lock held.</summary>
    /// <exception cref="IOException">A file cannot be moved; the next start tries again.</exception>
    public static void Finish(StoreFiles files)
    {
        var ready = Ready(files);
        if (!Directory.Exists(ready.Directory)) return;
        var name = Path.Combine(ready.Directory, NameFile);
        var kept = Path.Combine(files.Directory, File.Exists(name) ? Path.GetFileName(File.ReadAllText(name)) : "before-restore");
        // The database comes last: as long as the restored one waits, what lies in its place and its log are the old ones.
        if (File.Exists(ready.Database))
        {
            foreach (var log in files.Logs) Keep(log, kept);
            Exchange(ready.Revision, files.Revision, kept);
            Exchange(ready.Pki, files.Pki, kept);
            Exchange(ready.Database, files.Database, kept);
            StoreFiles.SyncDirectory(files.Directory);
        }
        Directory.Delete(ready.Directory, recursive: true);
    }

    private static StoreFiles Ready(StoreFiles files) => new(Path.Combine(files.Directory, "restore.ready"));

    private static void Exchange(string from, string to, string kept)
    {
        if (!Path.Exists(from)) return; // moved already
        Keep(to, kept);
        Directory.Move(from, to); // rename(2), also of a file
    }

    private static void Keep(string path, string kept)
    {
        if (!Path.Exists(path)) return;
        Directory.CreateDirectory(kept, StoreFiles.OwnerOnlyDirectory);
        Directory.Move(path, Path.Combine(kept, Path.GetFileName(path)));
    }
}
