using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>One direction of a pipe or terminal as an asynchronous stream; takes no thread while it waits.</summary>
internal sealed class DescriptorStream : Stream
{
    private readonly SafeFileHandle descriptor;
    private readonly uint direction;
    private readonly EpollRegistration registered = new();

    /// <param name="descriptor">Is made non-blocking and closed with the stream.</param>
    public DescriptorStream(SafeFileHandle descriptor, FileAccess access)
    {
        this.descriptor = descriptor;
        direction = access == FileAccess.Read ? LibC.EPOLLIN : LibC.EPOLLOUT;
        LibC.Check(LibC.fcntl(descriptor, LibC.F_SETFL, LibC.Check(LibC.fcntl(descriptor, LibC.F_GETFL, 0), "fcntl") | LibC.O_NONBLOCK), "fcntl");
    }

    public override bool CanRead => direction == LibC.EPOLLIN;
    public override bool CanWrite => direction == LibC.EPOLLOUT;
    public override bool CanSeek => false;

    /// <returns>0 at the end: nobody has the other end open any more.</returns>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        if (buffer.Length == 0) return 0;
        while (true)
        {
            var count = (int)LibC.read(descriptor, ref MemoryMarshal.GetReference(buffer.Span), (nuint)buffer.Length);
            if (count >= 0) return count;
            var error = Marshal.GetLastPInvokeError();
            if (error == LibC.EIO) return 0; // a terminal that nobody has open
            await Wait("read", error, cancel);
        }
    }

    /// <exception cref="IOException">Nobody reads (EPIPE).</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancel = default)
    {
        while (buffer.Length > 0)
        {
            var count = (int)LibC.write(descriptor, in MemoryMarshal.GetReference(buffer.Span), (nuint)buffer.Length);
            if (count >= 0) buffer = buffer[count..];
            else await Wait("write", Marshal.GetLastPInvokeError(), cancel);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancel) => ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancel) => WriteAsync(buffer.AsMemory(offset, count), cancel).AsTask();

    private async Task Wait(string what, int error, CancellationToken cancel)
    {
        if (error == LibC.EINTR) return;
        if (error != LibC.EAGAIN) throw new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}");
        await DescriptorEvents.Wait(descriptor, direction, registered, cancel);
    }

    protected override void Dispose(bool disposing)
    {
        descriptor.Dispose();
        base.Dispose(disposing);
    }

    public override void Flush() { }
    public override Task FlushAsync(CancellationToken cancel) => Task.CompletedTask;
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
}
