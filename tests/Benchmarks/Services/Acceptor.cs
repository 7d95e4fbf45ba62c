using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Benchmarks.Services.NativeSockets;

namespace Benchmarks.Services;

/// <summary>Accepts connections in a namespace, on a thread of its own, and closes them at once.</summary>
internal sealed class Acceptor : IDisposable
{
    private const int Backlog = 4096, LookEvery = 100;

    private readonly int listener;
    private readonly Thread thread;
    private volatile bool ending;

    private Acceptor(int listener)
    {
        this.listener = listener;
        thread = new Thread(Loop) { IsBackground = true, Name = "acceptor" };
        thread.Start();
    }

    /// <exception cref="InvalidOperationException">The port cannot be had.</exception>
    public static Acceptor Start(Space space, IPAddress address, int port) => new(space.Namespace.Run(() =>
    {
        var fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1, sizeof(int));
        if (bind(fd, Address(address, port), (uint)Unsafe.SizeOf<sockaddr_in>()) != 0 || listen(fd, Backlog) != 0)
            throw new InvalidOperationException($"cannot listen at {address}:{port}: errno {Marshal.GetLastPInvokeError()}");
        return fd;
    }));

    private void Loop()
    {
        var ready = new pollfd { fd = listener, events = POLLIN };
        while (!ending)
        {
            if (poll(ref ready, 1, LookEvery) <= 0) continue;
            while (accept4(listener, 0, 0, SOCK_CLOEXEC) is >= 0 and var connection) close(connection);
        }
        close(listener);
    }

    public void Dispose()
    {
        ending = true;
        thread.Join();
    }
}
