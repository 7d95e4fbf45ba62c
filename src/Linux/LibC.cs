using System.Runtime.InteropServices;

namespace Linux;

/// <summary>System calls under their C names; a kernel test compiles a C program that checks every constant against the headers.</summary>
public static partial class LibC
{
    public const int SIGTERM = 15, SIGKILL = 9;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int sig);
}
