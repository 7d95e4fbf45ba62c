using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>
/// Waits for pipes, terminals and processes on one thread for all of them (epoll(7)): .NET itself waits for sockets
/// only, and would block a thread for each pipe.
/// </summary>
internal static class DescriptorEvents
{
    /// <summary>struct epoll_event: u32 events, u64 data; without a gap between them on x86-64 only (linux/eventpoll.h).</summary>
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private static readonly int EventSize = DataOffset + 8;

    private static readonly ConcurrentDictionary<long, TaskCompletionSource> Waiting = new();

    private static readonly Lazy<int> Epoll = new(Start);

    private static long lastId;

    /// <summary>
    /// Until the descriptor can be read (<see cref="LibC.EPOLLIN"/>) or written (<see cref="LibC.EPOLLOUT"/>), or its other end is
    /// closed. One wait at a time for a descriptor: who reads and writes a terminal has two descriptors of it.
    /// </summary>
    /// <param name="registered">Whether this descriptor was waited for before; set.</param>
    public static async Task Wait(SafeFileHandle descriptor, uint events, EpollRegistration registered, CancellationToken cancel)
    {
        var id = Interlocked.Increment(ref lastId);
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Waiting[id] = waiter;
        try
        {
            Arm(descriptor, events, id, registered);
            await waiter.Task.WaitAsync(cancel);
        }
        finally { Waiting.TryRemove(id, out _); }
    }

    private static unsafe void Arm(SafeFileHandle descriptor, uint events, long id, EpollRegistration registered)
    {
        var data = stackalloc byte[16];
        *(uint*)data = events | LibC.EPOLLONESHOT;
        *(long*)(data + DataOffset) = id;
        var operation = registered.Done ? LibC.EPOLL_CTL_MOD : LibC.EPOLL_CTL_ADD;
        LibC.Check(LibC.epoll_ctl(Epoll.Value, operation, descriptor, data), "epoll_ctl");
        registered.Done = true;
    }

    private static int Start()
    {
        var epoll = LibC.Check(LibC.epoll_create1(LibC.EPOLL_CLOEXEC), "epoll_create1");
        new Thread(() => Loop(epoll), 256 * 1024) { IsBackground = true, Name = "descriptors" }.Start();
        return epoll;
    }

    private static unsafe void Loop(int epoll)
    {
        const int most = 64;
        var events = (byte*)NativeMemory.Alloc((nuint)(most * EventSize));
        while (true)
        {
            var count = LibC.epoll_wait(epoll, events, most, -1);
            for (var i = 0; i < count; i++)
            {
                var id = BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(events + i * EventSize + DataOffset, 8));
                if (Waiting.TryRemove(id, out var waiter)) waiter.TrySetResult();
            }
        }
    }
}

/// <summary>Whether epoll knows a descriptor.</summary>
internal sealed class EpollRegistration
{
    public bool Done { get; set; }
}
