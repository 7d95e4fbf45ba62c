using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Linux;
using static Benchmarks.Services.NativeSockets;

namespace Benchmarks.Services;

/// <summary>A TCP connection between two namespaces, both ends of it held here: what lies between them is measured.</summary>
internal sealed class PodPath : IDisposable
{
    private const int Port = 5201, Block = 128 * 1024, Backlog = 1;

    /// <summary>After so long without any progress the path is broken. Seconds.</summary>
    private const int Patience = 10;

    /// <summary>How long nothing may come before nothing is on its way any more. Milliseconds.</summary>
    private const int Still = 20;

    private readonly int client, server;
    private readonly byte[] buffer = new byte[2 * Block];

    private PodPath(int client, int server) => (this.client, this.server) = (client, server);

    /// <param name="address">Of <paramref name="to"/>.</param>
    /// <exception cref="SystemCallException">There is no way.</exception>
    public static PodPath Open(NetworkNamespace from, NetworkNamespace to, IPAddress address)
    {
        var target = Address(address, Port);
        var size = (uint)Unsafe.SizeOf<sockaddr_in>();
        var listener = Socket(to);
        try
        {
            LibC.Check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, 1, sizeof(int)), "reuse an address");
            LibC.Check(bind(listener, target, size), $"bind {address}:{Port}");
            LibC.Check(listen(listener, Backlog), $"listen at {address}:{Port}");
            var client = Socket(from);
            LibC.Check(connect(client, target, size), $"connect to {address}:{Port}");
            var server = LibC.Check(accept4(listener, 0, 0, SOCK_CLOEXEC), "accept");
            Prepare(server);
            return new(client, server);
        }
        finally { close(listener); }
    }

    private static int Socket(NetworkNamespace inside)
    {
        var fd = inside.Run(() => LibC.Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "open a socket"));
        Prepare(fd);
        return fd;
    }

    private static void Prepare(int fd)
    {
        var patience = new timeval { tv_sec = Patience };
        LibC.Check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, patience, (uint)Unsafe.SizeOf<timeval>()), "set SO_RCVTIMEO");
        LibC.Check(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, patience, (uint)Unsafe.SizeOf<timeval>()), "set SO_SNDTIMEO");
        LibC.Check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1, sizeof(int)), "set TCP_NODELAY");
    }

    /// <summary>One byte there and one back, so often, on one thread: no scheduler takes part. Microseconds each.</summary>
    /// <exception cref="InvalidOperationException">The path is broken.</exception>
    public IReadOnlyList<double> RoundTrips(int count)
    {
        var took = new double[count];
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            Must(send(client, buffer[0], 1, MSG_NOSIGNAL));
            Must(recv(server, ref buffer[0], 1, 0));
            Must(send(server, buffer[0], 1, MSG_NOSIGNAL));
            Must(recv(client, ref buffer[0], 1, 0));
            took[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }
        return took;
    }

    /// <summary>Bytes a second that arrive, one thread sending as fast as it can and this one receiving.</summary>
    /// <param name="warmUp">Not counted.</param>
    /// <exception cref="InvalidOperationException">The path is broken.</exception>
    public double Stream(TimeSpan warmUp, TimeSpan length)
    {
        using var ending = new CancellationTokenSource();
        var sender = new Thread(() => Send(ending.Token)) { IsBackground = true, Name = "sender" };
        sender.Start();
        try
        {
            Receive(warmUp);
            var started = Stopwatch.GetTimestamp();
            var bytes = Receive(length);
            return bytes / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            ending.Cancel();
            Drain(sender);
        }
    }

    /// <summary>An error is the receiver's to tell: nothing comes any more.</summary>
    private void Send(CancellationToken ending)
    {
        var block = new byte[Block];
        while (!ending.IsCancellationRequested && send(client, block[0], block.Length, MSG_NOSIGNAL) > 0) { }
    }

    private long Receive(TimeSpan length)
    {
        var (started, bytes) = (Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(started) < length) bytes += Must(recv(server, ref buffer[0], buffer.Length, 0));
        return bytes;
    }

    /// <summary>The sender may wait for room; and what is still on its way is not the next measurement's.</summary>
    private void Drain(Thread sender)
    {
        var ready = new pollfd { fd = server, events = POLLIN };
        while (poll(ref ready, 1, Still) > 0 || sender.IsAlive)
            if (recv(server, ref buffer[0], buffer.Length, MSG_DONTWAIT) == 0) return;
    }

    private static nint Must(nint transferred) => transferred > 0 ? transferred
        : throw new InvalidOperationException($"a connection from pod to pod is broken: {(transferred == 0 ? "it was closed" : $"errno {Marshal.GetLastPInvokeError()}")}");

    public void Dispose()
    {
        close(client);
        close(server);
    }
}
