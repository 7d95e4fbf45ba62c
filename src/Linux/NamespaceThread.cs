using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>
/// Work on a thread of its own, that may change its namespaces.
///
/// Namespaces belong to threads, and a new thread inherits those of the thread that starts it. So a pool thread must never call setns or
/// unshare, and <b>the work must be synchronous</b>: no await, no Task, no timer, no completion source in it, since each of them can start
/// a pool thread from here, and every pool thread after that would be in the wrong place (tried: 8 of 8 were). A socket stays in the
/// namespace in which it was opened: open it here, hand it out, use it anywhere.
/// </summary>
public sealed class NamespaceThread
{
    private const int StackSize = 256 * 1024;

    /// <summary>Threads that have come back to where this process runs; starting one costs more than entering a namespace.</summary>
    private static readonly ConcurrentBag<NamespaceThread> Idle = [];

    private static readonly Lazy<(SafeFileHandle Handle, int Type)[]> Home = new(() =>
        [Open("net", LibC.CLONE_NEWNET), Open("ipc", LibC.CLONE_NEWIPC), Open("uts", LibC.CLONE_NEWUTS)]);

    private readonly SemaphoreSlim wanted = new(0), finished = new(0);
    private Action? work;
    private ExceptionDispatchInfo? error;
    private bool atHome = true;

    private NamespaceThread() => new Thread(Loop, StackSize) { IsBackground = true, Name = "namespaces" }.Start();

    /// <summary>
    /// Runs <paramref name="work"/>, which may do anything to its thread's namespaces: the thread is a new one and ends with it.
    /// The exception is thrown here, with its own stack trace.
    /// </summary>
    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? error = null;
        var thread = new Thread(() =>
        {
            try { result = work(); }
            catch (Exception caught) { error = ExceptionDispatchInfo.Capture(caught); }
        }, StackSize) { IsBackground = true, Name = "namespaces" };
        thread.Start();
        thread.Join();
        error?.Throw();
        return result;
    }

    /// <summary>As <see cref="Run"/>, for work that changes nothing but the network, IPC and UTS namespace: the thread goes home afterwards.</summary>
    internal static T RunAndReturn<T>(Func<T> work)
    {
        _ = Home.Value;
        T result = default!;
        var thread = Idle.TryTake(out var idle) ? idle : new NamespaceThread();
        thread.work = () => result = work();
        thread.wanted.Release();
        thread.finished.Wait();
        var error = thread.error;
        if (thread.atHome) Idle.Add(thread);
        error?.Throw();
        return result;
    }

    /// <summary>If the way home fails, the thread ends: it must never work for anyone again.</summary>
    private void Loop()
    {
        while (atHome)
        {
            wanted.Wait();
            error = null;
            try { work!(); }
            catch (Exception caught) { error = ExceptionDispatchInfo.Capture(caught); }
            work = null;
            atHome = Home.Value.All(home => LibC.setns((int)home.Handle.DangerousGetHandle(), home.Type) == 0);
            finished.Release();
        }
    }

    private static (SafeFileHandle, int) Open(string name, int type)
    {
        var path = $"/proc/self/ns/{name}"; // that of the main thread, which never leaves home
        return (new SafeFileHandle(LibC.Check(LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, 0), $"open {path}"), ownsHandle: true), type);
    }
}
