using System.Globalization;
using System.Security.Cryptography;
using Linux;

namespace NodeAgent.Volumes;

/// <summary>
/// Files that change all at once (kubelet, AtomicWriter): they lie in a directory of their own, <c>..2026_11_21_08_30_00.N</c>;
/// <c>..data</c> is a symbolic link to it that is replaced by rename(2); what users see are links through <c>..data</c>.
/// Unlike with the kubelet the directory before stays for a while, for a reader that is on its way to it. May be killed
/// anywhere: the next write clears up. One writer at a time.
/// </summary>
internal sealed class AtomicWriter(string root)
{
    private const UnixFileMode DirectoryMode = (UnixFileMode)0b111_101_101;

    private const int LongestPath = 4096, LongestName = 255;

    /// <summary>How long a directory stays after its successor took its place.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromSeconds(5);

    private string DataLink => Path.Combine(root, "..data");

    /// <summary>Something has been written, once.</summary>
    public bool HasData => Directory.Exists(DataLink);

    /// <param name="files">All files by path in the volume; what else there is goes.</param>
    /// <returns>Whether anything had to be written.</returns>
    /// <exception cref="VolumeException">A path leads out of the volume.</exception>
    /// <exception cref="IOException">As the kernel says; readers see what was there before.</exception>
    public bool Write(IReadOnlyDictionary<string, VolumeFile> files, VolumeOwnership ownership)
    {
        foreach (var path in files.Keys) Check(path);
        var current = new DirectoryInfo(DataLink).LinkTarget;
        var changed = current is null || !Holds(Path.Combine(root, current), files);
        var next = changed ? Create(files, ownership) : null;
        var names = files.Keys.Select(path => path.Split('/')[0]).ToHashSet();
        foreach (var name in names) Link(name); // before the change: what is new shows at that moment too
        if (next is not null)
        {
            var temporary = Path.Combine(root, "..data_tmp");
            File.Delete(temporary); // of a writer that was killed
            LibC.Check(LibC.symlink(next, temporary), $"symlink {temporary}");
            LibC.Check(LibC.rename(temporary, DataLink), $"rename {temporary}");
            if (current is not null && Directory.Exists(Path.Combine(root, current))) Directory.SetLastWriteTimeUtc(Path.Combine(root, current), DateTime.UtcNow);
        }
        Unlink(names);
        return changed;
    }

    /// <summary>Removes what readers no longer see.</summary>
    /// <param name="age">Only what has been out of use for so long.</param>
    /// <returns>Whether something is left to be removed later.</returns>
    public bool Sweep(TimeSpan age)
    {
        var current = new DirectoryInfo(DataLink).LinkTarget;
        var left = false;
        foreach (var directory in new DirectoryInfo(root).GetDirectories("..2*").Where(entry => entry.LinkTarget is null && entry.Name != current))
            if (DateTime.UtcNow - directory.LastWriteTimeUtc >= age) directory.Delete(recursive: true);
            else left = true;
        return left;
    }

    private static void Check(string path)
    {
        var parts = path.Split('/');
        if (path.Length == 0 || path[0] == '/') throw new VolumeException($"invalid path: must be relative path: {path}");
        if (parts.Contains("..")) throw new VolumeException($"invalid path: must not contain '..': {path}");
        if (parts[0].StartsWith("..", StringComparison.Ordinal)) throw new VolumeException($"invalid path: must not start with '..': {path}");
        if (path.Length > LongestPath || parts.Any(part => part.Length is 0 or > LongestName)) throw new VolumeException($"invalid path: {path}");
    }

    private static bool Holds(string directory, IReadOnlyDictionary<string, VolumeFile> files)
    {
        if (!Directory.Exists(directory)) return false;
        var present = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file)).ToHashSet();
        return present.SetEquals(files.Keys) && files.All(file => File.ReadAllBytes(Path.Combine(directory, file.Key)).AsSpan().SequenceEqual(file.Value.Data));
    }

    private string Create(IReadOnlyDictionary<string, VolumeFile> files, VolumeOwnership ownership)
    {
        var name = DateTime.UtcNow.ToString("'..'yyyy_MM_dd_HH_mm_ss'.'", CultureInfo.InvariantCulture) + RandomNumberGenerator.GetInt32(1_000_000_000, int.MaxValue);
        var directory = Path.Combine(root, name);
        try
        {
            MakeDirectory(directory, ownership);
            foreach (var (path, file) in files)
            {
                var parts = path.Split('/');
                for (var depth = 1; depth < parts.Length; depth++) MakeDirectory(Path.Combine(directory, string.Join('/', parts[..depth])), ownership);
                var target = Path.Combine(directory, path);
                using (var stream = new FileStream(target, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                    stream.Write(file.Data);
                ownership.Apply(target, ownership.OfFile((UnixFileMode)file.Mode), file.Owner);
            }
            return name;
        }
        catch
        {
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    private static void MakeDirectory(string directory, VolumeOwnership ownership)
    {
        if (Directory.Exists(directory)) return;
        Directory.CreateDirectory(directory);
        ownership.Apply(directory, ownership.OfDirectory(DirectoryMode));
    }

    private void Link(string name)
    {
        var link = Path.Combine(root, name);
        if (new FileInfo(link).LinkTarget is not null || Path.Exists(link)) return; // a directory may have been made there, for a subPath
        LibC.Check(LibC.symlink($"..data/{name}", link), $"symlink {link}");
    }

    /// <summary>Removes the links to what is not there any more.</summary>
    private void Unlink(HashSet<string> names)
    {
        foreach (var entry in new DirectoryInfo(root).GetFileSystemInfos())
            if (entry.LinkTarget == $"..data/{entry.Name}" && !names.Contains(entry.Name)) entry.Delete();
    }
}
