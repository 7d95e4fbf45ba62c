using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Linux;

/// <summary>How a command in a container ended: its exit code (128 + signal for a signal), and what it wrote to stdout and stderr, in the order of writing.</summary>
public sealed record OciExecResult(int ExitCode, string Output);

/// <summary>
/// One <c>runc exec</c>. runc is the parent of the command and hands on its output, so that the end of runc's output is
/// the end of both; no thread waits for it. The pid file tells runc's own failures from the command's: runc writes it
/// once the command's execve(2) succeeded.
/// </summary>
/// <param name="runc">runc and its global options.</param>
/// <param name="pidFiles">Directory of the pid files. What lies there when an agent starts is of commands that nobody waits for any more.</param>
internal sealed class OciExec(IReadOnlyList<string> runc, string pidFiles)
{
    /// <summary>How long runc has to end once its command was killed, before it is killed itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private static int count;

    public async Task<OciExecResult> Run(string id, IReadOnlyList<string> command, int outputLimit, CancellationToken cancel)
    {
        Directory.CreateDirectory(pidFiles, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var pidFile = Path.Combine(pidFiles, $"{id}.{Environment.ProcessId}.{Interlocked.Increment(ref count)}");
        using var output = Start([.. runc, "exec", "--pid-file", pidFile, id, .. command], out var pid);
        try
        {
            var text = await Read(output, outputLimit, cancel);
            var code = await Reap(pid);
            return File.Exists(pidFile) ? new OciExecResult(code, text) : throw new OciRuntimeException(OciRuntimeException.PlainText(text));
        }
        catch (OperationCanceledException)
        {
            await Kill(pid, output, ReadPid(pidFile));
            throw;
        }
        finally { File.Delete(pidFile); }
    }

    private static unsafe Socket Start(IReadOnlyList<string> arguments, out int pid)
    {
        var ends = stackalloc int[2];
        if (LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC, 0, ends) < 0)
            throw new OciRuntimeException($"socketpair: {Marshal.GetLastPInvokeErrorMessage()}");
        var ours = new Socket(new SafeSocketHandle(ends[0], ownsHandle: true));
        using var theirs = new SafeSocketHandle(ends[1], ownsHandle: true);
        var error = ChildProcess.Start(arguments, [$"PATH={Environment.GetEnvironmentVariable("PATH")}"],
            [new(0, LibC.O_RDONLY, "/dev/null"), new(1, ends[1]), new(2, ends[1])], out pid);
        if (error == 0) return ours;
        ours.Dispose();
        throw new OciRuntimeException($"cannot start runc: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>All of the output is read, lest the command waits for a reader; what is beyond the limit is dropped.</summary>
    private static async Task<string> Read(Socket output, int limit, CancellationToken cancel)
    {
        var kept = new MemoryStream();
        var buffer = new byte[4096];
        int count;
        while ((count = await output.ReceiveAsync(buffer, SocketFlags.None, cancel)) > 0)
            kept.Write(buffer, 0, (int)Math.Min(count, limit - kept.Length));
        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }

    /// <summary>A process that has closed its output is about to end: it is asked for a few times, not waited for on a thread.</summary>
    private static async Task<int> Reap(int pid)
    {
        for (var delay = 1; ; delay = Math.Min(delay * 2, 100))
        {
            var ended = LibC.waitpid(pid, out var status, LibC.WNOHANG);
            if (ended == pid) return (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f); // wait(2): WIFEXITED, WTERMSIG
            if (ended < 0 && Marshal.GetLastPInvokeError() != LibC.EINTR) throw new OciRuntimeException($"waiting for runc exec: {Marshal.GetLastPInvokeErrorMessage()}");
            await Task.Delay(delay, CancellationToken.None);
        }
    }

    /// <summary>The command and all that it started are killed; then runc ends by itself, or is ended.</summary>
    /// <param name="command">May have ended already, and only what it started still has its output.</param>
    private static async Task Kill(int runc, Socket output, int? command)
    {
        KillTree(ProcessTree.Below(runc));
        if (command is { } leader) LibC.kill(-leader, LibC.SIGKILL);
        using var limit = new CancellationTokenSource(Grace);
        try { await Read(output, 0, limit.Token); }
        catch (OperationCanceledException)
        {
            var left = ProcessTree.Below(runc); // a runc that was just about to start the command
            LibC.kill(runc, LibC.SIGKILL);
            KillTree(left);
        }
        await Reap(runc);
    }

    /// <summary>Each command is the leader of a session and a process group of its own (runc calls setsid), which also has those whose parent ended.</summary>
    internal static void KillTree(IReadOnlyList<int> pids)
    {
        foreach (var pid in pids)
        {
            if (LibC.getpgid(pid) == pid) LibC.kill(-pid, LibC.SIGKILL);
            LibC.kill(pid, LibC.SIGKILL);
        }
    }

    /// <summary>Kills commands whose agent is gone: a pid file, a process of that container, and one that was there when the file was written.</summary>
    /// <param name="keep">Containers whose commands may go on, by id.</param>
    public void KillAbandoned(IReadOnlySet<string> keep)
    {
        if (!Directory.Exists(pidFiles)) return;
        foreach (var file in Directory.GetFiles(pidFiles))
        {
            var id = Path.GetFileName(file).Split('.')[0];
            if (keep.Contains(id)) continue;
            if (ReadPid(file) is { } pid && IsOf(pid, id, File.GetLastWriteTimeUtc(file)))
                KillTree([pid, .. ProcessTree.Below(pid)]);
            File.Delete(file);
        }
    }

    /// <summary>A command in this container is at work, whoever started it.</summary>
    public bool IsAtWork(string id) => Directory.Exists(pidFiles)
        && Directory.GetFiles(pidFiles, $"{id}.*").Any(file => ReadPid(file) is { } pid && IsOf(pid, id, File.GetLastWriteTimeUtc(file)));

    internal static int? ReadPid(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;

    private static bool IsOf(int pid, string container, DateTime written)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cgroup").Contains(container) && LibC.getpgid(pid) == pid
                && ProcessIdentity.Of(pid) is { } process && process.StartedAt <= written.AddSeconds(1);
        }
        catch (IOException) { return false; }
    }
}

public sealed partial class OciRuntime
{
    /// <summary>Runs a command in a running container, as its user, with its environment and in its directory.</summary>
    /// <param name="outputLimit">Bytes of output that are kept, the first ones.</param>
    /// <exception cref="OciRuntimeException">It was not run; with runc's words, e.g. that there is no such program.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the command and what it started are killed.</exception>
    public Task<OciExecResult> Exec(string id, IReadOnlyList<string> command, int outputLimit, CancellationToken cancel) =>
        new OciExec([runc, "--root", root], ExecDirectory).Run(id, command, outputLimit, cancel);

    /// <summary>Ends commands of <see cref="Exec"/> that an earlier process started and did not see the end of. To be called before the first Exec.</summary>
    /// <param name="keep">Containers whose commands may go on, by id.</param>
    public void KillAbandonedExecs(IReadOnlySet<string>? keep = null) => new OciExec([runc, "--root", root], ExecDirectory).KillAbandoned(keep ?? new HashSet<string>());

    /// <summary>Whether a command that an earlier process started in the container by <see cref="Exec"/> still runs.</summary>
    public bool HasAbandonedExec(string id) => new OciExec([runc, "--root", root], ExecDirectory).IsAtWork(id);

    private string ExecDirectory => Path.Combine(Path.GetDirectoryName(root)!, "execs");
}
