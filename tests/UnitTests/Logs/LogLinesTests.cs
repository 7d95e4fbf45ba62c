using System.Buffers;
using System.Text;
using NodeAgent.Logs;

namespace UnitTests.Logs;

public class LogLinesTests
{
    private const string Log = """
        2026-03-01T10:00:00.000000001+00:00 stdout F one
        2026-03-01T10:00:01.500000000+00:00 stderr F two
        2026-03-01T10:00:02.000000000+00:00 stdout P thr
        2026-03-01T10:00:03.000000000+00:00 stdout F ee
        2026-03-01T12:00:04.123456789+02:00 stdout F four

        """;

    private static string Read(LogOptions options, string log = Log, int block = int.MaxValue)
    {
        var lines = new LogLines(options);
        var output = new ArrayBufferWriter<byte>();
        var rest = Array.Empty<byte>();
        foreach (var piece in Encoding.UTF8.GetBytes(log).Chunk(Math.Min(block, log.Length)))
        {
            byte[] all = [.. rest, .. piece];
            rest = all[lines.Write(all, output)..];
        }
        lines.WriteLast(rest, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [Fact]
    public void Texts_come_without_headers_and_pieces_of_a_line_as_one() => Assert.Equal("one\ntwo\nthree\nfour\n", Read(new LogOptions()));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(50)]
    public void The_size_of_the_blocks_makes_no_difference(int block) => Assert.Equal("one\ntwo\nthree\nfour\n", Read(new LogOptions(), block: block));

    [Fact]
    public void Timestamps_stand_once_per_line_in_nine_digits() => Assert.Equal("""
        2026-03-01T10:00:00.000000001Z one
        2026-03-01T10:00:01.500000000Z two
        2026-03-01T10:00:02.000000000Z three
        2026-03-01T12:00:04.123456789+02:00 four

        """, Read(new LogOptions { Timestamps = true }));

    [Fact]
    public void A_time_with_fewer_digits_is_filled_up() =>
        Assert.Equal("2026-03-01T10:00:00.500000000Z a\n", Read(new LogOptions { Timestamps = true }, "2026-03-01T10:00:00.5Z stdout F a\n"));

    [Fact]
    public void Since_leaves_out_what_is_older_whatever_the_zone() => Assert.Equal("ee\nfour\n",
        Read(new LogOptions { Since = new DateTime(2026, 3, 1, 10, 0, 3, DateTimeKind.Utc) }));

    [Fact]
    public void One_stream_alone() => Assert.Equal("two\n", Read(new LogOptions { Stream = "stderr" }));

    [Theory]
    [InlineData(1, "o")]
    [InlineData(4, "one\n")]
    [InlineData(6, "one\ntw")]
    [InlineData(1000, "one\ntwo\nthree\nfour\n")]
    public void The_limit_ends_within_a_line(int limit, string expected) => Assert.Equal(expected, Read(new LogOptions { LimitBytes = limit }));

    [Fact]
    public void The_limit_counts_timestamps_too() => Assert.Equal("2026-03-01T10:00:00.000000001Z on", Read(new LogOptions { LimitBytes = 33, Timestamps = true }));

    [Fact]
    public void What_is_no_entry_is_left_out() =>
        Assert.Equal("a\nb\n\n", Read(new LogOptions(), "2026-03-01T10:00:00.5Z stdout F a\ngarbage\n\n\0\0\0 x y z\n2026-03-01T10:00:00.5Z stdout F b\n2026-03-01T10:00:00.5Z stdout F \n"));

    [Fact]
    public void The_last_entry_may_lack_its_end() =>
        Assert.Equal("a\nhal", Read(new LogOptions(), "2026-03-01T10:00:00.5Z stdout F a\n2026-03-01T10:00:00.5Z stdout F hal"));

    [Theory]
    [InlineData("2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00.1234567Z")]
    [InlineData("2026-03-01T10:00:00-01:30", "2026-03-01T11:30:00Z")]
    [InlineData("2026-02-30T10:00:00Z", null)]
    [InlineData("2026-03-01 is no time at all", null)]
    public void Times_are_read(string time, string? expected)
    {
        Assert.True(LogEntry.TryParse(Encoding.UTF8.GetBytes($"{time.Replace(' ', '_')} stdout F x"), out var entry));
        Assert.Equal(expected is null ? null : DateTime.Parse(expected, null, System.Globalization.DateTimeStyles.AdjustToUniversal), entry.Utc);
    }
}
