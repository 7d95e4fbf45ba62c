using System.Runtime.InteropServices;

namespace Linux;

/// <summary>What a program needs that becomes another one in its own process, as an init or a login does.</summary>
public static partial class LibC
{
    public const int CLONE_NEWCGROUP = 0x2000000;
    public const int O_PATH = 0x200000;
    public const int SIGPIPE = 13;

    /// <param name="handler">0 = SIG_DFL.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint signal(int signum, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int oldfd, int newfd);

    /// <param name="argv">The last element must be null, as that of <paramref name="envp"/>.</param>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int execve(string pathname, string?[] argv, string?[] envp);
}
