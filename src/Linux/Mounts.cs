using System.Text;

namespace Linux;

/// <summary>One line of /proc/self/mountinfo (proc(5)), as far as it is needed here.</summary>
/// <param name="Target">Where it is mounted.</param>
/// <param name="Root">Which part of the file system: "/" or a path in it; "net:[4026532177]" for a bound namespace.</param>
/// <param name="Type">The file system, e.g. "overlay" or "nsfs".</param>
/// <param name="Source">As given to mount(2), or "none".</param>
/// <param name="Shared">Whether mounts and unmounts below it propagate to its copies in other mount namespaces.</param>
public sealed record Mount(string Target, string Root, string Type, string Source, bool Shared);

/// <summary>mount(2) and umount2(2) with errors that name the paths, and the reader of mountinfo.</summary>
public static class Mounts
{
    /// <exception cref="SystemCallException">As mount(2) says.</exception>
    public static void Add(string source, string target, string? type, int flags, string? data = null) =>
        LibC.Check(LibC.mount(source, target, type, (nuint)flags, data), $"mount {source} on {target}");

    /// <summary>Shows <paramref name="source"/> at <paramref name="target"/> too; both must exist.</summary>
    public static void Bind(string source, string target) => Add(source, target, null, LibC.MS_BIND);

    /// <summary>
    /// Takes away whatever is mounted on <paramref name="target"/>, also when it is in use; nothing mounted there, or no such path, is fine.
    /// </summary>
    /// <returns>Whether there was something.</returns>
    public static bool Remove(string target)
    {
        if (LibC.umount2(target, LibC.MNT_DETACH | LibC.UMOUNT_NOFOLLOW) == 0) return true;
        var errno = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        return errno is LibC.EINVAL or LibC.ENOENT ? false : throw new SystemCallException($"umount {target}", errno);
    }

    /// <summary>
    /// Makes <paramref name="directory"/> a mount point with shared propagation, if it is not one yet: then an unmount below it reaches
    /// the copies that programs with own mount namespaces hold, which would else keep what was mounted alive.
    /// </summary>
    public static void MakeShared(string directory)
    {
        Directory.CreateDirectory(directory);
        var real = Path.GetFullPath(directory).TrimEnd('/');
        var mounts = Read().Where(mount => mount.Target == real).ToList();
        if (mounts.Count > 0 && mounts[^1].Shared) return;
        if (mounts.Count == 0)
        {
            Bind(real, real);
            // Out of its parent's peer group first: or whatever is mounted in it would appear a second time, below it.
            LibC.Check(LibC.mount(null, real, null, LibC.MS_PRIVATE, null), $"make {real} a private mount");
        }
        LibC.Check(LibC.mount(null, real, null, LibC.MS_SHARED, null), $"make {real} a shared mount");
    }

    /// <summary>Something is mounted on this very path. False where there is no such path.</summary>
    public static bool IsMountPoint(string path) =>
        LibC.GetStatx(LibC.AT_FDCWD, path, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, out var status) == 0
        && (status.stx_attributes & LibC.STATX_ATTR_MOUNT_ROOT) != 0;

    /// <summary>The mounts of the calling thread's mount namespace, lower ones first.</summary>
    public static IReadOnlyList<Mount> Read() => [.. File.ReadLines("/proc/thread-self/mountinfo").Select(Parse)];

    /// <summary>"36 35 98:0 /root /target rw,noatime shared:1 - ext4 /dev/root rw": fields before " - " vary in number.</summary>
    internal static Mount Parse(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-", 6);
        return new Mount(Unescape(fields[4]), Unescape(fields[3]), fields[dash + 1], Unescape(fields[dash + 2]),
            fields[6..dash].Any(field => field.StartsWith("shared:", StringComparison.Ordinal)));
    }

    /// <summary>Space, tab, newline and backslash are written as three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\') { result.Append(text[i]); continue; }
            result.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
            i += 3;
        }
        return result.ToString();
    }
}
