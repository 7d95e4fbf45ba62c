using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Linux;

/// <summary>
/// Starts conmon, which creates one container with runc and stays as its parent: it keeps the container's output,
/// exit code and terminal while the agent may come and go. It reports through the descriptor named by
/// <c>_OCI_SYNCPIPE</c>, in one line of JSON: <c>{"data": PID}</c>, or <c>{"data": -1, "message": "..."}</c> with
/// runc's words (conmon, src/parent_pipe_fd.c).
/// </summary>
/// <remarks>
/// posix_spawn with file actions gives conmon that one descriptor and no other child, however many are started at
/// the same time. It is one end of a socket pair, so that waiting for the report takes no thread.
/// </remarks>
internal static class Conmon
{
    private const int SyncDescriptor = 3;

    /// <returns>The container's process id.</returns>
    /// <exception cref="OciRuntimeException">runc refused, or conmon ended without a report.</exception>
    public static async Task<int> Spawn(IReadOnlyList<string> arguments, string errorFile, CancellationToken cancel)
    {
        using var report = SpawnProcess(arguments, errorFile, out var pid);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int count;
        while ((count = await report.ReceiveAsync(buffer, SocketFlags.None, cancel)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            if (buffer[count - 1] == '\n') break;
        }
        // The process that was started forks conmon proper before it reports, and ends.
        if (LibC.waitpid(pid, out _, 0) < 0 && Marshal.GetLastPInvokeError() != 10 /* ECHILD */) throw new OciRuntimeException("waiting for conmon failed");
        return ReadReport(text.ToString(), errorFile);
    }

    internal static int ReadReport(string text, string errorFile)
    {
        if (text.Length == 0)
            throw new OciRuntimeException($"conmon ended without a report: {(File.Exists(errorFile) ? File.ReadAllText(errorFile).Trim() : "")}");
        using var json = JsonDocument.Parse(text);
        var data = json.RootElement.GetProperty("data").GetInt32();
        if (data > 0) return data;
        var message = json.RootElement.TryGetProperty("message", out var words) ? words.GetString() ?? "" : $"conmon reported {data}";
        throw new OciRuntimeException(OciRuntimeException.PlainText(message));
    }

    private static unsafe Socket SpawnProcess(IReadOnlyList<string> arguments, string errorFile, out int pid)
    {
        var ends = stackalloc int[2];
        if (LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC, 0, ends) < 0)
            throw new OciRuntimeException($"socketpair: {Marshal.GetLastPInvokeErrorMessage()}");
        var ours = new Socket(new SafeSocketHandle(ends[0], ownsHandle: true));
        using var theirs = new SafeSocketHandle(ends[1], ownsHandle: true);
        var environment = new List<string> { $"_OCI_SYNCPIPE={SyncDescriptor}", $"PATH={Environment.GetEnvironmentVariable("PATH")}" };
        var error = SpawnWithDescriptors(arguments, environment, ends[1], errorFile, out pid);
        if (error == 0) return ours;
        ours.Dispose();
        throw new OciRuntimeException($"cannot start conmon: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    private static unsafe int SpawnWithDescriptors(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, int sync, string errorFile, out int pid)
    {
        const int opaque = 512;
        byte* actions = stackalloc byte[opaque], attributes = stackalloc byte[opaque], signals = stackalloc byte[128];
        LibC.posix_spawn_file_actions_init(actions);
        LibC.posix_spawnattr_init(attributes);
        var argv = Vector(arguments);
        var envp = Vector(environment);
        try
        {
            // dup2 onto itself clears close-on-exec (glibc 2.29).
            LibC.posix_spawn_file_actions_adddup2(actions, sync, SyncDescriptor);
            LibC.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", LibC.O_RDONLY, 0);
            LibC.posix_spawn_file_actions_addopen(actions, 1, "/dev/null", LibC.O_WRONLY, 0);
            LibC.posix_spawn_file_actions_addopen(actions, 2, errorFile, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_APPEND, 0x180 /* 0600 */);
            // The runtime ignores SIGPIPE and blocks others; a container must not inherit that.
            LibC.posix_spawnattr_setflags(attributes, LibC.POSIX_SPAWN_SETSIGDEF | LibC.POSIX_SPAWN_SETSIGMASK);
            LibC.sigfillset(signals);
            LibC.posix_spawnattr_setsigdefault(attributes, signals);
            LibC.sigemptyset(signals);
            LibC.posix_spawnattr_setsigmask(attributes, signals);
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
