using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>
/// Files below a directory that others fill, e.g. an image: symbolic links and <c>..</c> are followed as if that directory were
/// the root, by the kernel itself (openat2(2), RESOLVE_IN_ROOT), so that no path leads out of it and nobody can win a race.
/// </summary>
public static class PathInRoot
{
    /// <param name="flags">As for open(2); close-on-exec comes by itself.</param>
    /// <returns>Null if there is no such file.</returns>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    public static SafeFileHandle? Open(string root, string path, int flags)
    {
        using var directory = new SafeFileHandle(LibC.Check(LibC.open(root, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0), $"open {root}"), ownsHandle: true);
        var how = new LibC.open_how { flags = (ulong)(flags | LibC.O_CLOEXEC), resolve = LibC.RESOLVE_IN_ROOT | LibC.RESOLVE_NO_MAGICLINKS };
        var result = LibC.openat2(LibC.SYS_openat2, (int)directory.DangerousGetHandle(), path, how, Marshal.SizeOf<LibC.open_how>());
        if (result >= 0) return new SafeFileHandle(result, ownsHandle: true);
        return Marshal.GetLastPInvokeError() is LibC.ENOENT or LibC.ENOTDIR ? null
            : throw new SystemCallException($"open {path} in {root}", Marshal.GetLastPInvokeError());
    }

    /// <summary>A text file's beginning.</summary>
    /// <param name="most">Bytes.</param>
    /// <returns>Null if there is no such file, or if it is no plain one.</returns>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    public static string? ReadText(string root, string path, int most)
    {
        // O_NONBLOCK: a named pipe must not hold up whoever looks.
        using var handle = Open(root, path, LibC.O_RDONLY | LibC.O_NONBLOCK);
        if (handle is null || !IsPlain(handle)) return null;
        using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        var buffer = new byte[Math.Min(most, file.Length)];
        return System.Text.Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
    }

    private static bool IsPlain(SafeFileHandle handle) => FileStatus.Of(handle).IsPlainFile;
}
