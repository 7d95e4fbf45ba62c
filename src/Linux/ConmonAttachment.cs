using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Linux;

/// <summary>Where a container's output comes from, as conmon marks it (conmon, src/config.h).</summary>
public enum ContainerOutput : byte { Stdout = 2, Stderr = 3 }

/// <summary>
/// A client at a container's own stdin, stdout and stderr, by the socket that conmon has in the bundle. Each message of conmon's
/// begins with a byte that says which output it is of; messages to conmon are input. Many may be attached at a time.
/// </summary>
public sealed class ConmonAttachment : IDisposable
{
    /// <summary>Bytes of the largest message of conmon's (STDIO_BUF_SIZE and the mark).</summary>
    public const int MessageSize = 8193;

    /// <summary>What conmon reads at once, and more: the rest of a message would be lost.</summary>
    private const int InputSize = 8192;

    private readonly Socket socket;
    private readonly string bundle;

    private ConmonAttachment(Socket socket, string bundle) => (this.socket, this.bundle) = (socket, bundle);

    /// <exception cref="SocketException">Nobody listens there: the container has ended.</exception>
    /// <exception cref="SystemCallException">There is no such bundle.</exception>
    public static ConmonAttachment Open(string bundle)
    {
        // The path is too long for a socket's address (108 bytes); that of an open directory is not.
        using var directory = new Microsoft.Win32.SafeHandles.SafeFileHandle(LibC.Check(LibC.open(bundle, LibC.O_PATH | LibC.O_CLOEXEC, 0), $"open {bundle}"), ownsHandle: true);
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint($"/proc/self/fd/{directory.DangerousGetHandle()}/attach"));
            return new ConmonAttachment(socket, bundle);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <param name="buffer">At least <see cref="MessageSize"/>.</param>
    /// <returns>The bytes of a message with its mark; 0: the container has ended.</returns>
    public async ValueTask<int> Receive(Memory<byte> buffer, CancellationToken cancel)
    {
        try { return await socket.ReceiveAsync(buffer, SocketFlags.None, cancel); }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset) { return 0; }
    }

    /// <exception cref="IOException">The container has ended.</exception>
    public async ValueTask Send(ReadOnlyMemory<byte> input, CancellationToken cancel)
    {
        try
        {
            for (; input.Length > 0; input = input[Math.Min(input.Length, InputSize)..])
                await socket.SendAsync(input[..Math.Min(input.Length, InputSize)], SocketFlags.None, cancel);
        }
        catch (SocketException e) { throw new IOException(e.Message, e); }
    }

    /// <summary>Ends the container's stdin, if it is stdinOnce.</summary>
    public void CloseInput()
    {
        try { socket.Shutdown(SocketShutdown.Send); }
        catch (SocketException) { } // the container has ended
    }

    /// <summary>Of the container's terminal. Does nothing if conmon is gone.</summary>
    public async ValueTask Resize(int columns, int rows)
    {
        // Without O_NONBLOCK, a FIFO that nobody reads would hold this thread.
        var descriptor = LibC.open(Path.Combine(bundle, "winsz"), LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0);
        if (descriptor < 0) return;
        using var fifo = new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true);
        // Of two lines that conmon finds at once it obeys the first one twice (conmon 2.1, ctrl.c): one line at a time.
        var unread = 0;
        for (var attempt = 0; attempt < 100 && LibC.ioctl(fifo, LibC.FIONREAD, ref unread) == 0 && unread > 0; attempt++) await Task.Delay(10);
        var line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{rows} {columns}\n"));
        LibC.write(fifo, in line[0], (nuint)line.Length);
    }

    public void Dispose() => socket.Dispose();
}
