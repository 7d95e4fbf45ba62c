using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Linux;

/// <summary>
/// Receives IPv4 datagrams and answers them, many with one system call each way and without allocating anything (recvmmsg(2), sendmmsg(2)).
/// For one thread.
/// </summary>
public sealed unsafe class DatagramBatch : IDisposable
{
    private readonly int capacity, receiveSize, replySize;
    private readonly byte* memory;
    private readonly LibC.mmsghdr* received, replies;
    private readonly LibC.sockaddr_in* senders;
    private uint waiting;

    /// <param name="capacity">Most datagrams of one call.</param>
    /// <param name="receiveSize">What is longer is cut; see <see cref="IsCut"/>.</param>
    /// <param name="replySize">Most bytes of a reply.</param>
    public DatagramBatch(int capacity, int receiveSize, int replySize)
    {
        (this.capacity, this.receiveSize, this.replySize) = (capacity, receiveSize, replySize);
        var headers = capacity * (2 * sizeof(LibC.mmsghdr) + sizeof(LibC.sockaddr_in) + 2 * sizeof(LibC.iovec));
        memory = (byte*)NativeMemory.AllocZeroed((nuint)(headers + capacity * (receiveSize + replySize)));
        received = (LibC.mmsghdr*)memory;
        replies = received + capacity;
        senders = (LibC.sockaddr_in*)(replies + capacity);
        var pieces = (LibC.iovec*)(senders + capacity);
        var buffers = (byte*)(pieces + 2 * capacity);
        for (var i = 0; i < capacity; i++)
        {
            pieces[i] = new LibC.iovec { iov_base = buffers + i * receiveSize, iov_len = (nuint)receiveSize };
            pieces[capacity + i] = new LibC.iovec { iov_base = buffers + capacity * receiveSize + i * replySize };
            received[i].msg_hdr = new LibC.msghdr { msg_name = senders + i, msg_iov = pieces + i, msg_iovlen = 1 };
        }
        Pieces = pieces;
    }

    private LibC.iovec* Pieces { get; }

    /// <summary>Waits for datagrams.</summary>
    /// <returns>How many there are; 0 after a signal, or an error that belongs to an earlier datagram.</returns>
    public int Receive(SafeHandle socket)
    {
        for (var i = 0; i < capacity; i++) received[i].msg_hdr.msg_namelen = (uint)sizeof(LibC.sockaddr_in);
        waiting = 0;
        return Math.Max(0, LibC.recvmmsg((int)socket.DangerousGetHandle(), received, (uint)capacity, LibC.MSG_WAITFORONE, null));
    }

    public ReadOnlySpan<byte> Received(int i) => new(received[i].msg_hdr.msg_iov->iov_base, (int)received[i].msg_len);

    /// <summary>The datagram was longer than there was room for.</summary>
    public bool IsCut(int i) => (received[i].msg_hdr.msg_flags & LibC.MSG_TRUNC) != 0;

    public IPEndPoint Sender(int i) => new(senders[i].sin_addr, BitConverter.IsLittleEndian
        ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(senders[i].sin_port) : senders[i].sin_port);

    /// <summary>The sender's address, its bytes in network order.</summary>
    public uint SenderAddress(int i) => senders[i].sin_addr;

    /// <summary>Room for the reply to datagram <paramref name="i"/>; see <see cref="Reply"/>.</summary>
    public Span<byte> Room(int i) => new(Pieces[capacity + i].iov_base, replySize);

    /// <summary>What is in <see cref="Room"/> shall be sent with the next <see cref="Send"/>.</summary>
    public void Reply(int i, int length)
    {
        Pieces[capacity + i].iov_len = (nuint)length;
        replies[waiting++].msg_hdr = new LibC.msghdr
        {
            msg_name = senders + i, msg_namelen = received[i].msg_hdr.msg_namelen, msg_iov = Pieces + capacity + i, msg_iovlen = 1,
        };
    }

    /// <summary>Sends all replies; one that cannot be sent is left out.</summary>
    public void Send(SafeHandle socket)
    {
        for (var sent = 0u; sent < waiting;)
        {
            var count = LibC.sendmmsg((int)socket.DangerousGetHandle(), replies + sent, waiting - sent, 0);
            sent += count > 0 ? (uint)count : 1;
        }
        waiting = 0;
    }

    public void Dispose() => NativeMemory.Free(memory);
}
