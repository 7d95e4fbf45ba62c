using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace NodeAgent.Streams.Spdy;

/// <summary>
/// Reads the header blocks of one connection: pieces of one zlib stream (SPDY/3, 2.6.10). .NET's zlib takes no preset
/// dictionary; so the zlib head is taken off, and the raw inflater is first fed the dictionary as a stored block,
/// whose output is thrown away: from then on it can be referred to.
/// </summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    /// <summary>Bytes of all names and values of one block; a client's real ones have some fifty.</summary>
    private const int Most = 16 * 1024;

    private const int ZlibHead = 6;

    private readonly FeedStream feed = new();
    private readonly DeflateStream inflater;
    private bool begun;

    public SpdyHeaderReader() => inflater = new DeflateStream(feed, CompressionMode.Decompress);

    /// <exception cref="SpdyException">Not such a block, or too long a one.</exception>
    public Dictionary<string, string> Read(ReadOnlyMemory<byte> block)
    {
        try
        {
            feed.Next = begun ? block : Begin(block);
            var count = ReadNumber();
            var left = Most;
            var headers = new Dictionary<string, string>();
            for (var i = 0; i < count; i++)
            {
                var name = ReadText(ref left);
                headers[name] = ReadText(ref left);
            }
            DrainBlock();
            return headers;
        }
        catch (InvalidDataException e) { throw new SpdyException($"a header block that is not deflated: {e.Message}"); }
    }

    public void Dispose() => inflater.Dispose();

    private ReadOnlyMemory<byte> Begin(ReadOnlyMemory<byte> block)
    {
        if (block.Length < ZlibHead) throw new SpdyException("a header block without a zlib head");
        var head = block.Span;
        var (isDeflate, isZlib, named) = ((head[0] & 0xf) == 8, BinaryPrimitives.ReadUInt16BigEndian(head) % 31 == 0, (head[1] & 0x20) != 0);
        if (!isDeflate || !isZlib || named && BinaryPrimitives.ReadUInt32BigEndian(head[2..]) != SpdyDictionary.Id) throw new SpdyException("a header block of an unknown compression");
        begun = true;
        var dictionary = SpdyDictionary.Bytes;
        // A stored block (RFC 1951 3.2.4): not the last; its length and the complement of that.
        byte[] stored = [0, (byte)dictionary.Length, (byte)(dictionary.Length >> 8), (byte)~dictionary.Length, (byte)(~dictionary.Length >> 8), .. dictionary];
        feed.Next = stored;
        inflater.ReadExactly(new byte[dictionary.Length]);
        return block[(named ? ZlibHead : 2)..];
    }

    private int ReadNumber()
    {
        Span<byte> number = stackalloc byte[4];
        Fill(number);
        var value = BinaryPrimitives.ReadUInt32BigEndian(number);
        return value <= Most ? (int)value : throw new SpdyException($"a header block with {value} of something");
    }

    private string ReadText(ref int left)
    {
        var length = ReadNumber();
        if ((left -= length + 8) < 0) throw new SpdyException($"a header block of more than {Most} bytes");
        var bytes = new byte[length];
        Fill(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private void Fill(Span<byte> bytes)
    {
        if (inflater.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new SpdyException("a header block that ends early");
    }

    /// <summary>The flush behind the block has no output, but belongs to this frame; anything more is a fault.</summary>
    private void DrainBlock()
    {
        if (inflater.Read(new byte[1]) > 0) throw new SpdyException("a header block with something behind it");
    }

    /// <summary>Gives the inflater one frame's bytes, then nothing; the next frame's follow later.</summary>
    private sealed class FeedStream : Stream
    {
        public ReadOnlyMemory<byte> Next { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, Next.Length);
            Next.Span[..count].CopyTo(buffer);
            Next = Next[count..];
            return count;
        }

        public override bool CanRead => true;
        public override bool CanWrite => false;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
