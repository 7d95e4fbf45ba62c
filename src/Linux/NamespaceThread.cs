namespace Linux;

/// <summary>
/// Work on a thread of its own, that may change its namespaces and then ends with them.
///
/// Namespaces belong to threads, and a new thread inherits those of the thread that starts it. So a pool thread must never call setns or
/// unshare, and <b>the work must be synchronous</b>: no await, no Task, no timer, no completion source in it, since each of them can start
/// a pool thread from here, and every pool thread after that would be in the wrong place (tried: 8 of 8 were). A socket stays in the
/// namespace in which it was opened: open it here, hand it out, use it anywhere.
/// </summary>
public static class NamespaceThread
{
    /// <summary>Runs <paramref name="work"/> and waits for it; its exception is thrown here, with its own stack trace.</summary>
    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? error = null;
        var thread = new Thread(() =>
        {
            try { result = work(); }
            catch (Exception caught) { error = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(caught); }
        }, StackSize) { IsBackground = true, Name = "namespaces" };
        thread.Start();
        thread.Join();
        error?.Throw();
        return result;
    }

    private const int StackSize = 256 * 1024;
}
