using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>
/// One <c>runc exec</c> with streams. Without a terminal the command has the pipes themselves; with one, runc carries bytes
/// between the terminal that it makes inside and the one that it is given.
/// </summary>
public sealed class ContainerProcess : IAsyncDisposable
{
    /// <summary>How long runc has to end once its command was killed, before it is killed itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly int runc;
    private readonly string pidFile, log;
    private readonly PseudoTerminal? terminal;
    private int dead;

    /// <summary>A file that goes with it.</summary>
    internal string? Description { get; init; }

    /// <exception cref="OciRuntimeException">runc cannot be started.</exception>
    internal ContainerProcess(IReadOnlyList<string> arguments, OciCommand command, string pidFile, string log)
    {
        (this.pidFile, this.log) = (pidFile, log);
        if (command.Terminal) (terminal, runc) = StartInTerminal(arguments, command.Size);
        else runc = StartWithPipes(arguments, command);
        if (terminal is not null) (Stdin, Stdout) = (terminal.Input, terminal.Output);
        Ended = Task.Run(End);
    }

    /// <summary>Null where none was asked for. Disposing it is the end of input, except for a terminal.</summary>
    public Stream? Stdin { get; private set; }

    public Stream? Stdout { get; private set; }

    public Stream? Stderr { get; private set; }

    /// <summary>The command's exit code (128 + signal for a signal).</summary>
    /// <exception cref="OciRuntimeException">It was not run, with runc's words: there is no such program, say.</exception>
    public Task<int> Ended { get; }

    /// <summary>
    /// Until the command runs, or it is certain that it never will: before that, output is runc's and not the command's.
    /// runc writes the pid file once the command's execve(2) succeeded.
    /// </summary>
    public async Task<bool> Started()
    {
        for (var delay = 1; !Ended.IsCompleted && !File.Exists(pidFile); delay = Math.Min(delay * 2, 50)) await Task.WhenAny(Ended, Task.Delay(delay));
        return Ended.IsCompleted ? !Ended.IsFaulted : true;
    }

    /// <summary>Does nothing without a terminal.</summary>
    public ValueTask Resize(int columns, int rows)
    {
        if (terminal is null || Ended.IsCompleted) return ValueTask.CompletedTask;
        terminal.Resize(columns, rows);
        LibC.kill(runc, LibC.SIGWINCH); // runc then gives its terminal's size to the command's
        return ValueTask.CompletedTask;
    }

    /// <summary>Kills the command and what it started, in its container; returns when it is gone.</summary>
    public async Task Kill()
    {
        if (Ended.IsCompleted || Interlocked.Exchange(ref dead, 1) != 0) return;
        OciExec.KillTree(ProcessTree.Below(runc));
        if (OciExec.ReadPid(pidFile) is { } leader) LibC.kill(-leader, LibC.SIGKILL);
        if (await Task.WhenAny(Ended, Task.Delay(Grace)) == Ended) return;
        var left = ProcessTree.Below(runc); // a runc that was just about to start the command
        LibC.kill(runc, LibC.SIGKILL);
        OciExec.KillTree(left);
        await Task.WhenAny(Ended);
    }

    /// <summary>Kills what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await Kill();
        _ = Ended.Exception; // seen, or of no interest to anyone
        foreach (var stream in new[] { Stdin, Stdout, Stderr }) stream?.Dispose();
        terminal?.Dispose();
        File.Delete(pidFile);
        File.Delete(log);
        if (Description is not null) File.Delete(Description);
    }

    private async Task<int> End()
    {
        using var process = new SafeFileHandle(LibC.Check(LibC.pidfd_open(runc, 0), "pidfd_open"), ownsHandle: true);
        await DescriptorEvents.Wait(process, LibC.EPOLLIN, new EpollRegistration(), CancellationToken.None);
        int status;
        while (LibC.waitpid(runc, out status, 0) < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR) { }
        if (File.Exists(pidFile)) return (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f); // wait(2): WIFEXITED, WTERMSIG
        throw new OciRuntimeException(File.Exists(log) && OciRuntimeException.PlainText(await File.ReadAllTextAsync(log)) is { Length: > 0 } words ? words : $"runc exec ended with status {status}");
    }

    private int StartWithPipes(IReadOnlyList<string> arguments, OciCommand command)
    {
        var theirs = new List<SafeFileHandle>();
        try
        {
            List<ChildProcess.Descriptor> descriptors = [];
            Stdin = Connect(command.Stdin, 0, descriptors, theirs);
            Stdout = Connect(command.Stdout, 1, descriptors, theirs);
            Stderr = Connect(command.Stderr, 2, descriptors, theirs);
            return Spawn(arguments, CollectionsMarshal.AsSpan(descriptors));
        }
        finally { theirs.ForEach(end => end.Dispose()); }
    }

    private static (PseudoTerminal, int) StartInTerminal(IReadOnlyList<string> arguments, (int Columns, int Rows)? size)
    {
        var terminal = new PseudoTerminal();
        try
        {
            if (size is var (columns, rows)) terminal.Resize(columns, rows); // runc gives it to the command's soon after the start
            var end = (int)terminal.Program.DangerousGetHandle();
            return (terminal, Spawn(arguments, [new(0, end), new(1, end), new(2, end)]));
        }
        catch
        {
            terminal.Dispose();
            throw;
        }
        finally { terminal.Program.Dispose(); }
    }

    private static unsafe DescriptorStream? Connect(bool wanted, int number, List<ChildProcess.Descriptor> descriptors, List<SafeFileHandle> theirs)
    {
        if (!wanted)
        {
            descriptors.Add(new(number, number == 0 ? LibC.O_RDONLY : LibC.O_WRONLY, "/dev/null"));
            return null;
        }
        var ends = stackalloc int[2];
        LibC.Check(LibC.pipe2(ends, LibC.O_CLOEXEC), "pipe2");
        var (reads, writes) = (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
        theirs.Add(number == 0 ? reads : writes);
        descriptors.Add(new(number, number == 0 ? ends[0] : ends[1]));
        return number == 0 ? new DescriptorStream(writes, FileAccess.Write) : new DescriptorStream(reads, FileAccess.Read);
    }

    private static int Spawn(IReadOnlyList<string> arguments, ReadOnlySpan<ChildProcess.Descriptor> descriptors)
    {
        var error = ChildProcess.Start(arguments, [$"PATH={Environment.GetEnvironmentVariable("PATH")}"], descriptors, out var pid);
        return error == 0 ? pid : throw new OciRuntimeException($"cannot start runc: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
