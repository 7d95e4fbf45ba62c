using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace KubeApi;

/// <summary>
/// Notices that the other side of a connection is gone while bytes of it still wait to be read: a stream whose reader is slow is
/// not read, and so neither is its end. Asks the kernel (poll(2), POLLRDHUP) from time to time; costs no thread.
/// </summary>
public sealed partial class ClosedPeer : IDisposable
{
    private const short POLLERR = 8, POLLHUP = 0x10, POLLRDHUP = 0x2000;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Socket socket;
    private readonly Action gone;
    private readonly Timer timer;
    private bool suspected;

    /// <param name="gone">Called once, some seconds after the peer went: what it sent before is read first, if somebody reads.</param>
    public ClosedPeer(Socket socket, Action gone)
    {
        (this.socket, this.gone) = (socket, gone);
        timer = new Timer(_ => Look(), null, Every, Every);
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        if (!IsClosed()) return;
        if (!suspected)
        {
            suspected = true;
            return;
        }
        timer.Dispose();
        gone();
    }

    private bool IsClosed()
    {
        var held = false;
        try
        {
            socket.SafeHandle.DangerousAddRef(ref held);
            var query = new PollDescriptor { Descriptor = (int)socket.SafeHandle.DangerousGetHandle(), Events = POLLRDHUP };
            return poll(ref query, 1, 0) > 0 && (query.Returned & (POLLERR | POLLHUP | POLLRDHUP)) != 0;
        }
        catch (ObjectDisposedException) { return false; } // closed here: nobody waits for it
        finally
        {
            if (held) socket.SafeHandle.DangerousRelease();
        }
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ref PollDescriptor descriptors, nuint count, int timeout);
}
