using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>
/// A network namespace by an open descriptor; while it is open the namespace exists. <see cref="Current"/> is this process's own.
/// To create some, see <see cref="PinnedNamespaces"/>.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private readonly SafeFileHandle? descriptor;

    private NetworkNamespace(SafeFileHandle? descriptor) => this.descriptor = descriptor;

    /// <summary>The one in which this process runs; work in it needs no other thread.</summary>
    public static NetworkNamespace Current { get; } = new(null);

    /// <param name="path">A pinned namespace, or /proc/PID/ns/net.</param>
    /// <exception cref="SystemCallException">There is no such file.</exception>
    public static NetworkNamespace Open(string path) =>
        new(new SafeFileHandle(LibC.Check(LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, 0), $"open {path}"), ownsHandle: true));

    public static NetworkNamespace OfProcess(int pid) => Open($"/proc/{pid}/ns/net");

    /// <summary>For IFLA_NET_NS_FD and its like.</summary>
    /// <exception cref="InvalidOperationException">This is <see cref="Current"/>, which holds none.</exception>
    public int Descriptor => (int)(descriptor ?? throw new InvalidOperationException("the current network namespace has no descriptor")).DangerousGetHandle();

    /// <summary>Runs <paramref name="work"/> inside; it must be synchronous, see <see cref="NamespaceThread"/>.</summary>
    /// <exception cref="SystemCallException">It cannot be entered; also what <paramref name="work"/> throws.</exception>
    public T Run<T>(Func<T> work) => descriptor is null ? work() : NamespaceThread.RunAndReturn(() =>
    {
        LibC.Check(LibC.setns(Descriptor, LibC.CLONE_NEWNET), "enter a network namespace");
        return work();
    });

    /// <inheritdoc cref="Run{T}(Func{T})"/>
    public void Run(Action work) => Run(() => { work(); return 0; });

    public void Dispose() => descriptor?.Dispose();
}
