namespace NodeAgent.Streams.Spdy;

/// <summary>
/// Writes the header blocks of one connection. They are all empty, so they are stored and not compressed: no dictionary, no
/// compressor. Each ends with an empty stored block, zlib's sync flush, without which clients wait for more (RFC 1951 3.2.4).
/// </summary>
internal sealed class SpdyHeaderWriter
{
    /// <summary>Of the first block; the others are shorter.</summary>
    public const int EmptyBlockSize = 16;

    private bool begun;

    /// <returns>Bytes written.</returns>
    public int WriteEmptyBlock(Span<byte> to)
    {
        ReadOnlySpan<byte> zlibHead = [0x78, 0x01], countOfZero = [0x00, 0x04, 0x00, 0xfb, 0xff, 0, 0, 0, 0], flush = [0x00, 0x00, 0x00, 0xff, 0xff];
        var length = 0;
        if (!begun)
        {
            zlibHead.CopyTo(to);
            length = zlibHead.Length;
        }
        begun = true;
        countOfZero.CopyTo(to[length..]);
        flush.CopyTo(to[(length + countOfZero.Length)..]);
        return length + countOfZero.Length + flush.Length;
    }
}
