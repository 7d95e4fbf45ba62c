using System.Runtime.InteropServices;

namespace Linux;

/// <summary>
/// A child process with exactly the descriptors it is given, however many are started at the same time
/// (posix_spawn(3) with file actions). Cheaper than System.Diagnostics.Process, and no thread waits for its end.
/// </summary>
internal static class ChildProcess
{
    /// <summary>A descriptor of the child: a file that it opens, or without a path one of the caller's.</summary>
    /// <param name="Flags">Of open(2), or the number of the caller's descriptor.</param>
    public readonly record struct Descriptor(int Number, int Flags, string? Path = null);

    private const int Opaque = 512;

    /// <summary>Finds the program in PATH. The caller must wait(2) for it.</summary>
    /// <returns>0, or errno.</returns>
    public static unsafe int Start(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<Descriptor> descriptors, out int pid)
    {
        byte* actions = stackalloc byte[Opaque], attributes = stackalloc byte[Opaque];
        LibC.posix_spawn_file_actions_init(actions);
        LibC.posix_spawnattr_init(attributes);
        var argv = Vector(arguments);
        var envp = Vector(environment);
        try
        {
            foreach (var (number, flags, path) in descriptors)
            {
                // dup2 onto itself clears close-on-exec (glibc 2.29).
                if (path is null) LibC.posix_spawn_file_actions_adddup2(actions, flags, number);
                else LibC.posix_spawn_file_actions_addopen(actions, number, path, flags, 0x180 /* 0600 */);
            }
            ResetSignals(attributes);
            return LibC.posix_spawnp(out pid, arguments[0], actions, attributes, argv, envp);
        }
        finally
        {
            Free(argv);
            Free(envp);
            LibC.posix_spawn_file_actions_destroy(actions);
            LibC.posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>The .NET runtime ignores SIGPIPE and blocks others; a container must not inherit that.</summary>
    private static unsafe void ResetSignals(byte* attributes)
    {
        byte* signals = stackalloc byte[128];
        LibC.posix_spawnattr_setflags(attributes, LibC.POSIX_SPAWN_SETSIGDEF | LibC.POSIX_SPAWN_SETSIGMASK);
        LibC.sigfillset(signals);
        LibC.posix_spawnattr_setsigdefault(attributes, signals);
        LibC.sigemptyset(signals);
        LibC.posix_spawnattr_setsigmask(attributes, signals);
    }

    /// <summary>A C vector of strings with a null at its end.</summary>
    private static unsafe byte** Vector(IReadOnlyList<string> texts)
    {
        var vector = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++) vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return vector;
    }

    private static unsafe void Free(byte** vector)
    {
        for (var text = vector; *text is not null; text++) Marshal.FreeCoTaskMem((nint)(*text));
        NativeMemory.Free(vector);
    }
}
