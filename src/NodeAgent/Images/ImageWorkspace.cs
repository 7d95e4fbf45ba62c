using System.Globalization;
using Linux;

namespace NodeAgent.Images;

/// <summary>
/// A directory of the store (<c>STORE/work/PID-STARTTIME-N</c>) in which one image is copied and unpacked before it is
/// put in its place by a rename. It carries its owner's identity, so that what a killed agent left is known for what it is.
/// </summary>
internal sealed class ImageWorkspace : IDisposable
{
    private static int count;

    private ImageWorkspace(string path) => Path = path;

    public string Path { get; }

    /// <summary>An OCI layout of its own, over the blobs of the store: what is there already is not fetched again.</summary>
    public string Layout => System.IO.Path.Combine(Path, "oci");

    public string RootFs => System.IO.Path.Combine(Path, "image", "rootfs");

    public static ImageWorkspace Create(string store)
    {
        var self = ProcessIdentity.Of(Environment.ProcessId)!;
        var work = new ImageWorkspace(System.IO.Path.Combine(Root(store), $"{self.Pid}-{self.StartTime}-{Interlocked.Increment(ref count)}"));
        Directory.CreateDirectory(work.Layout, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var blobs = System.IO.Path.Combine(store, "oci", "blobs");
        Directory.CreateDirectory(blobs);
        File.CreateSymbolicLink(System.IO.Path.Combine(work.Layout, "blobs"), blobs);
        return work;
    }

    public void Dispose() => Remove(Path);

    /// <summary>Removes what processes left here that have ended, and ends what they left running.</summary>
    /// <returns>How many.</returns>
    public static int RemoveAbandoned(string store)
    {
        if (!Directory.Exists(Root(store))) return 0;
        var abandoned = Directory.GetDirectories(Root(store)).Where(directory => !HasOwner(System.IO.Path.GetFileName(directory))).ToList();
        foreach (var directory in abandoned)
        {
            EndPrograms(directory);
            Remove(directory);
        }
        return abandoned.Count;
    }

    private static string Root(string store) => System.IO.Path.Combine(store, "work");

    private static bool HasOwner(string name)
    {
        var parts = name.Split('-');
        return parts.Length == 3 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var start) && new ProcessIdentity(pid, start).IsAlive;
    }

    /// <summary>A skopeo or umoci that outlived its agent goes on writing; it has the directory in its arguments.</summary>
    private static void EndPrograms(string directory)
    {
        foreach (var entry in Directory.GetDirectories("/proc"))
            if (int.TryParse(System.IO.Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Mentions(pid, directory))
                ProcessIdentity.Of(pid)?.Signal(LibC.SIGKILL);
    }

    private static bool Mentions(int pid, string directory)
    {
        try { return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0') is [var program, ..] words && program is ("skopeo" or "umoci") && words.Any(word => word.Contains(directory + "/")); }
        catch (IOException) { return false; }
    }

    /// <summary>A program that is only just being killed may still add a file.</summary>
    private static void Remove(string directory)
    {
        for (var tries = 0; Directory.Exists(directory); tries++)
        {
            try { DirectoryTree.Delete(directory); }
            catch (IOException) when (tries < 5) { Thread.Sleep(20); }
        }
    }
}
