using System.IO.Compression;
using System.Text;
using NodeAgent.Logs;

namespace UnitTests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private volatile bool over;

    private string Log => Path.Combine(directory.Path, "0.log");

    public void Dispose() => directory.Dispose();

    private static string Entries(int from, int count, string padding = "") =>
        string.Concat(Enumerable.Range(from, count).Select(n => $"2026-03-01T10:00:00.000000000+00:00 stdout F {n}{padding}\n"));

    private static string Numbers(int from, int count) => string.Concat(Enumerable.Range(from, count).Select(n => $"{n}\n"));

    private async Task<string> Read(LogOptions options)
    {
        var output = new MemoryStream();
        await new LogReader(Log, options, () => true, directory.Path).CopyTo(output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private void Rotated(string time, string text, bool compressed)
    {
        using Stream file = File.Create($"{Log}.{time}{(compressed ? ".gz" : "")}");
        using var target = compressed ? new GZipStream(file, CompressionLevel.Fastest) : file;
        target.Write(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task Segments_are_read_oldest_first()
    {
        Rotated("20260301-100000", Entries(0, 5), compressed: true);
        Rotated("20260301-100100", Entries(5, 5), compressed: false);
        File.WriteAllText(Log, Entries(10, 5));
        File.WriteAllText(Log + ".tmp", "conmon's next");
        File.WriteAllText(Log + ".20260301-100100.gz.tmp", "an unfinished one");
        Assert.Equal(Numbers(0, 15), await Read(new LogOptions()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(13)]
    [InlineData(15)]
    [InlineData(99)]
    public async Task The_last_lines_are_found_across_segments(int tail)
    {
        Rotated("20260301-100000", Entries(0, 5), compressed: true);
        Rotated("20260301-100100", Entries(5, 5), compressed: false);
        File.WriteAllText(Log, Entries(10, 5));
        var expected = Math.Min(tail, 15);
        Assert.Equal(Numbers(15 - expected, expected), await Read(new LogOptions { TailLines = tail }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(4000)]
    [InlineData(20000)]
    public async Task The_last_lines_of_a_file_of_many_blocks(int tail)
    {
        File.WriteAllText(Log, Entries(0, 20000));
        Assert.Equal(Numbers(20000 - tail, tail), await Read(new LogOptions { TailLines = tail }));
    }

    [Fact]
    public async Task A_line_in_pieces_counts_once()
    {
        const string head = "2026-03-01T10:00:00.000000000+00:00 stdout";
        File.WriteAllText(Log, $"{head} F x\n{head} P a\n{head} P b\n{head} F c\n{head} F y\n");
        Assert.Equal("abc\ny\n", await Read(new LogOptions { TailLines = 2 }));
        Assert.Equal("y\n", await Read(new LogOptions { TailLines = 1 }));
        Assert.Equal("x\nabc\ny\n", await Read(new LogOptions { TailLines = 3 }));
    }

    [Fact]
    public async Task An_empty_log_has_no_lines()
    {
        File.WriteAllText(Log, "");
        Assert.Equal("", await Read(new LogOptions { TailLines = 3 }));
        Assert.Equal("", await Read(new LogOptions { Follow = true }));
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_an_error() => await Assert.ThrowsAsync<FileNotFoundException>(() => Read(new LogOptions()));

    /// <summary>The writer does as conmon does: it opens the new file beside its place and renames it, when it is told to.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(1_000_000)]
    public async Task A_follower_misses_nothing_through_many_rotations(int? tail)
    {
        const int rotations = 30, each = 500;
        var writer = File.AppendText(Log);
        writer.AutoFlush = true;
        var received = new MemoryStream();
        var following = Task.Run(() => new LogReader(Log, new LogOptions { Follow = true, TailLines = tail }, () => over, directory.Path).CopyTo(received, CancellationToken.None));
        var rotator = new LogRotator(5);
        for (var i = 0; i < rotations; i++)
        {
            writer.Write(Entries(i * each, each));
            await rotator.Rotate(Log, () =>
            {
                writer.Dispose();
                writer = File.CreateText(Log + ".tmp");
                writer.AutoFlush = true;
                File.Move(Log + ".tmp", Log);
                return Task.FromResult(true);
            }, new DateTime(2026, 3, 1).AddSeconds(i));
            // A segment more than five rotations behind is gone for everybody: the follower is given the time to keep up.
            for (var bound = 0; bound < 1000 && received.Length < (i * each > 0 ? Numbers(0, i * each).Length : 0); bound++) await Task.Delay(10);
        }
        writer.Write(Entries(rotations * each, each));
        writer.Dispose();
        over = true;
        await following;
        Assert.Equal(Numbers(0, (rotations + 1) * each), Encoding.UTF8.GetString(received.ToArray()));
    }

    [Fact]
    public async Task Rotation_keeps_so_many_segments_and_compresses_all_but_the_last()
    {
        var rotator = new LogRotator(4);
        for (var i = 0; i < 6; i++)
        {
            File.AppendAllText(Log, Entries(i, 1));
            await rotator.Rotate(Log, () =>
            {
                File.WriteAllText(Log, "");
                return Task.FromResult(true);
            }, new DateTime(2026, 3, 1).AddSeconds(i));
        }
        File.WriteAllText(Log, Entries(6, 1));
        Assert.Equal(["0.log", "0.log.20260301-000003.gz", "0.log.20260301-000004.gz", "0.log.20260301-000005"],
            Directory.GetFiles(directory.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(Numbers(3, 4), await Read(new LogOptions()));
        LogSegments.Delete(Log);
        Assert.Empty(Directory.GetFiles(directory.Path));
    }

    [Fact]
    public async Task A_log_that_nobody_opens_anew_keeps_its_name()
    {
        File.WriteAllText(Log, Entries(0, 3));
        await Assert.ThrowsAsync<IOException>(() => new LogRotator(5).Rotate(Log, () => Task.FromResult(false), DateTime.UtcNow));
        Assert.Equal(Numbers(0, 3), await Read(new LogOptions()));
        Assert.Empty(LogSegments.Rotated(Log));
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_the_reading()
    {
        File.WriteAllText(Log, Entries(0, 1));
        using var cancel = new CancellationTokenSource();
        var following = new LogReader(Log, new LogOptions { Follow = true }, () => false, directory.Path).CopyTo(new MemoryStream(), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }
}
