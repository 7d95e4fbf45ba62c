using System.Buffers;
using System.IO.Pipelines;

namespace NodeAgent.Streams;

/// <summary>Carries bytes from one end to the other, one piece at a time: whoever is slow slows the other.</summary>
internal static class ByteFlow
{
    public const int PieceSize = 32 * 1024;

    /// <summary>Until the end of the input. If nobody takes the output any more, the rest of the input is dropped.</summary>
    /// <exception cref="IOException">The side that sends is gone.</exception>
    public static async Task FromPipe(PipeReader from, Stream to, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var read = await from.ReadAsync(cancel);
                foreach (var piece in read.Buffer) await to.WriteAsync(piece, cancel);
                from.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) return;
            }
        }
        finally { await from.CompleteAsync(); }
    }

    /// <summary>Until the end of the input.</summary>
    public static async Task FromStream(Stream from, Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer.AsMemory(0, PieceSize), cancel)) > 0) await write(buffer.AsMemory(0, count));
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }
}
