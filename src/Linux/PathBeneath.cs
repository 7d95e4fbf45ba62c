using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>
/// Files below a directory whose content others change meanwhile: the kernel itself refuses whatever leads out of it, absolute
/// symbolic links too (openat2(2), RESOLVE_BENEATH; EXDEV). What is opened is that very file, whatever its name leads to afterwards.
/// </summary>
public static class PathBeneath
{
    private const UnixFileMode Permissions = (UnixFileMode)0b111_111_111;

    /// <returns>A handle for its place only (O_PATH); null if there is no such file.</returns>
    /// <exception cref="SystemCallException">EXDEV or ELOOP: the path leads out of <paramref name="root"/>; or it cannot be opened.</exception>
    public static SafeFileHandle? Open(string root, string path)
    {
        using var directory = OpenRoot(root);
        var opened = Open(directory, path, LibC.O_PATH);
        if (opened is null && Marshal.GetLastPInvokeError() != LibC.ENOENT) throw new SystemCallException($"open {path}", Marshal.GetLastPInvokeError());
        return opened;
    }

    /// <summary>Makes the directories of a path that are missing, with the permissions of <paramref name="root"/>.</summary>
    /// <exception cref="SystemCallException">As <see cref="Open(string, string)"/>; or something else has one of the names.</exception>
    public static void MakeDirectories(string root, string path)
    {
        var mode = File.GetUnixFileMode(root) & (Permissions | UnixFileMode.SetGroup);
        var parent = OpenRoot(root);
        try
        {
            var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            for (var depth = 1; depth <= parts.Length; depth++)
            {
                using var directory = OpenRoot(root);
                var next = Open(directory, string.Join('/', parts[..depth]), LibC.O_RDONLY | LibC.O_DIRECTORY) ?? Make(parent, parts[depth - 1], mode);
                parent.Dispose();
                parent = next;
            }
        }
        finally { parent.Dispose(); }
    }

    private static SafeFileHandle Make(SafeFileHandle parent, string name, UnixFileMode mode)
    {
        if (Marshal.GetLastPInvokeError() != LibC.ENOENT) throw new SystemCallException($"open {name}", Marshal.GetLastPInvokeError());
        LibC.Check(LibC.mkdirat((int)parent.DangerousGetHandle(), name, (uint)mode), $"mkdir {name}");
        var made = Open(parent, name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW) ?? throw new SystemCallException($"open {name}", Marshal.GetLastPInvokeError());
        File.SetUnixFileMode(made, mode); // mkdir(2) leaves out what the umask says
        return made;
    }

    private static SafeFileHandle OpenRoot(string root) =>
        new(LibC.Check(LibC.open(root, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0), $"open {root}"), ownsHandle: true);

    /// <summary>Null where it fails; errno tells why.</summary>
    private static SafeFileHandle? Open(SafeFileHandle directory, string path, int flags)
    {
        var how = new LibC.open_how { flags = (ulong)(flags | LibC.O_CLOEXEC), resolve = LibC.RESOLVE_BENEATH | LibC.RESOLVE_NO_MAGICLINKS };
        while (true)
        {
            var result = LibC.openat2(LibC.SYS_openat2, (int)directory.DangerousGetHandle(), path, how, Marshal.SizeOf<LibC.open_how>());
            if (result >= 0) return new SafeFileHandle(result, ownsHandle: true);
            if (Marshal.GetLastPInvokeError() != LibC.EAGAIN) return null; // something was renamed while the kernel looked at "..": once more
        }
    }
}
