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

    /// <summary>How often it is asked, while no report comes, whether one can still come.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <returns>The container's process id.</returns>
    /// <exception cref="OciRuntimeException">runc refused, or conmon ended without a report.</exception>
    /// <param name="pidFile">Where conmon proper writes its own process id.</param>
    public static async Task<int> Spawn(IReadOnlyList<string> arguments, string errorFile, string pidFile, CancellationToken cancel)
    {
        using var report = SpawnProcess(arguments, errorFile, out var pid);
        using var noMore = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = Read(report, noMore.Token);
        for (var lost = 0; await Task.WhenAny(reading, Task.Delay(Look, cancel)) != reading;)
        {
            cancel.ThrowIfCancellationRequested();
            lost = LostRunc(pidFile) ? lost + 1 : 0;
            if (lost < 2) continue; // at the second look, for between the end of runc and the report it is the same
            await noMore.CancelAsync();
            throw new OciRuntimeException("runc create was killed");
        }
        var text = await reading;
        // The process that was started forks conmon proper before it reports, and ends.
        if (LibC.waitpid(pid, out _, 0) < 0 && Marshal.GetLastPInvokeError() != 10 /* ECHILD */) throw new OciRuntimeException("waiting for conmon failed");
        return ReadReport(text, errorFile);
    }

    private static async Task<string> Read(Socket report, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int count;
        while ((count = await report.ReceiveAsync(buffer, SocketFlags.None, cancel)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            if (buffer[count - 1] == '\n') break;
        }
        return text.ToString();
    }

    /// <summary>
    /// A runc that is killed late leaves the container's process waiting to be started, which holds runc's output open;
    /// conmon would read that for ever and report nothing.
    /// </summary>
    private static bool LostRunc(string pidFile)
    {
        if (!File.Exists(pidFile) || !int.TryParse(File.ReadAllText(pidFile).Trim(), out var conmon)) return false;
        var children = ProcessTree.Below(conmon).Select(CommandLine).ToList();
        return children.Count > 0 && children.All(line => line.EndsWith("runc init", StringComparison.Ordinal));
    }

    private static string CommandLine(int pid)
    {
        try { return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ').TrimEnd(); }
        catch (IOException) { return ""; }
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
        var error = ChildProcess.Start(arguments, environment,
            [new(SyncDescriptor, ends[1]), new(0, LibC.O_RDONLY, "/dev/null"), new(1, LibC.O_WRONLY, "/dev/null"), new(2, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_APPEND, errorFile)], out pid);
        if (error == 0) return ours;
        ours.Dispose();
        throw new OciRuntimeException($"cannot start conmon: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
