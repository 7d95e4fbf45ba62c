using System.Runtime.InteropServices;

namespace Linux;

/// <summary>What starting a child with chosen file descriptors needs (posix_spawn(3)); the opaque glibc structs are at most 336 bytes.</summary>
public static partial class LibC
{
    public const int AF_UNIX = 1;
    public const int O_APPEND = 0x400;
    public const int WNOHANG = 1;
    public const short POSIX_SPAWN_SETSIGDEF = 4, POSIX_SPAWN_SETSIGMASK = 8;

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int socketpair(int domain, int type, int protocol, int* sockets);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int posix_spawnp(out int pid, string file, void* fileActions, void* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    public static unsafe partial int posix_spawn_file_actions_init(void* fileActions);

    [LibraryImport("libc")]
    public static unsafe partial int posix_spawn_file_actions_destroy(void* fileActions);

    [LibraryImport("libc")]
    public static unsafe partial int posix_spawn_file_actions_adddup2(void* fileActions, int fd, int newFd);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int posix_spawn_file_actions_addopen(void* fileActions, int fd, string path, int flags, uint mode);

    [LibraryImport("libc")]
    public static unsafe partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    public static unsafe partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    public static unsafe partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    public static unsafe partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static unsafe partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static unsafe partial int sigfillset(void* signals);

    [LibraryImport("libc")]
    public static unsafe partial int sigemptyset(void* signals);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, out int status, int options);

    /// <summary>The process group of a process; negative if there is none.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getpgid(int pid);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rmdir(string path);
}
