using NodeAgent.Streams.Spdy;
using Xunit;

namespace UnitTests.Streams;

public sealed class SpdyHeaderTests
{
    /// <summary>What zlib makes of four blocks with SPDY/3's dictionary, level 9, a sync flush after each.</summary>
    private static readonly string[] Compressed =
    [
        "78f9e3c6a7c202a62346703a2b294a4dcc851625aca9a08006000000ffff", "c22e555c02cc2e00000000ffff", "02e5290c29603a4fc90717dfb0d285b102000000ffff",
        "02a56948f15e04126035b430b0300032388b20e92113944f180d30cc0215668900000000ffff",
    ];

    [Fact]
    public void The_dictionary_is_the_one_that_compressors_name()
    {
        Assert.Equal(1423, SpdyDictionary.Bytes.Length);
        var (a, b) = (1u, 0u);
        foreach (var value in SpdyDictionary.Bytes) b = (b + (a = (a + value) % 65521)) % 65521; // RFC 1950, 8.2
        Assert.Equal(SpdyDictionary.Id, b << 16 | a);
    }

    [Fact]
    public void Blocks_of_one_connection_are_read_one_after_the_other()
    {
        using var reader = new SpdyHeaderReader();
        var blocks = Compressed.Select(block => reader.Read(Convert.FromHexString(block))).ToList();
        Assert.Equal(["error", "stdin", "stdout", "data"], blocks.Select(block => block["streamtype"]));
        Assert.Equal("x", blocks[2]["host"]);
        Assert.Equal(("18080", "0", 3), (blocks[3]["port"], blocks[3]["requestid"], blocks[3].Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("78")]
    [InlineData("78f9e3c6a7c3")] // another dictionary
    [InlineData("1f8b0800000000")] // gzip
    [InlineData("78f9e3c6a7c202a62346703a2b294a4dcc85")] // cut off
    [InlineData("7801000400fbffffffffff000000ffff")] // four billion headers
    [InlineData("7801000800f7ff000000017fffffff000000ffff")] // a name of two billion bytes
    [InlineData("7801000500faff0000000007000000ffff")] // something behind the headers
    [InlineData("7801ffffffffffff")]
    public void What_is_no_block_is_refused(string block)
    {
        using var reader = new SpdyHeaderReader();
        Assert.Throws<SpdyException>(() => reader.Read(Convert.FromHexString(block)));
    }

    [Fact]
    public void Replies_end_with_a_flush_each_and_only_the_first_has_the_head()
    {
        var writer = new SpdyHeaderWriter();
        var block = new byte[SpdyHeaderWriter.EmptyBlockSize];
        Assert.Equal("7801000400fbff00000000000000ffff", Convert.ToHexStringLower(block.AsSpan(0, writer.WriteEmptyBlock(block))));
        Assert.Equal("000400fbff00000000000000ffff", Convert.ToHexStringLower(block.AsSpan(0, writer.WriteEmptyBlock(block))));
    }
}
