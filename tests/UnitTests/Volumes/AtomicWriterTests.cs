using System.Text;
using NodeAgent.Volumes;
using Xunit;

namespace UnitTests.Volumes;

public sealed class AtomicWriterTests : IDisposable
{
    private static readonly VolumeOwnership Roots = new(null, ReadOnly: true);

    private readonly TemporaryDirectory directory = new();
    private readonly AtomicWriter writer;

    public AtomicWriterTests() => writer = new AtomicWriter(directory.Path);

    [Fact]
    public void Users_see_links_through_data_to_a_dated_directory()
    {
        Assert.False(writer.HasData);
        Assert.True(writer.Write(Files(("user", "a"), ("deep/er/x", "b")), Roots));
        Assert.True(writer.HasData);
        Assert.Equal("a", File.ReadAllText(directory.File("user")));
        Assert.Equal("b", File.ReadAllText(directory.File("deep/er/x")));
        Assert.Equal("..data/user", new FileInfo(directory.File("user")).LinkTarget);
        Assert.Equal("..data/deep", new FileInfo(directory.File("deep")).LinkTarget);
        Assert.Matches(@"^\.\.20\d\d_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+$", new FileInfo(directory.File("..data")).LinkTarget);
    }

    [Fact]
    public void The_same_again_changes_nothing()
    {
        writer.Write(Files(("k", "a")), Roots);
        var before = new FileInfo(directory.File("..data")).LinkTarget;
        Assert.False(writer.Write(Files(("k", "a")), Roots));
        Assert.Equal(before, new FileInfo(directory.File("..data")).LinkTarget);
    }

    [Fact]
    public void Changed_added_and_removed_files_come_and_go_together()
    {
        writer.Write(Files(("same", "a"), ("changed", "1"), ("removed", "x")), Roots);
        Assert.True(writer.Write(Files(("same", "a"), ("changed", "2"), ("added", "y")), Roots));
        Assert.Equal("2", File.ReadAllText(directory.File("changed")));
        Assert.Equal("y", File.ReadAllText(directory.File("added")));
        Assert.Equal(["added", "changed", "same"], Visible());
        Assert.True(writer.Write(Files(), Roots));
        Assert.Empty(Visible());
    }

    [Fact]
    public void A_reader_on_its_way_still_finds_the_files_before_for_a_while()
    {
        writer.Write(Files(("k", "1")), Roots);
        var before = directory.File(new FileInfo(directory.File("..data")).LinkTarget!);
        writer.Write(Files(("k", "2")), Roots);
        Assert.True(writer.Sweep(AtomicWriter.Keep));
        Assert.Equal("1", File.ReadAllText(Path.Combine(before, "k")));
        Assert.False(writer.Sweep(TimeSpan.Zero));
        Assert.False(Directory.Exists(before));
        Assert.Equal("2", File.ReadAllText(directory.File("k")));
    }

    [Fact]
    public void What_a_killed_writer_left_does_not_hinder_the_next_and_is_swept()
    {
        writer.Write(Files(("k", "1")), Roots);
        Directory.CreateDirectory(directory.File("..2026_01_01_00_00_00.5"));
        File.WriteAllText(directory.File("..2026_01_01_00_00_00.5/half"), "ha");
        File.CreateSymbolicLink(directory.File("..data_tmp"), "..2026_01_01_00_00_00.5");
        Assert.True(writer.Write(Files(("k", "2")), Roots));
        Assert.False(writer.Sweep(TimeSpan.Zero));
        Assert.Equal(["..data", new FileInfo(directory.File("..data")).LinkTarget!, "k"], new DirectoryInfo(directory.Path).GetFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal).OrderByDescending(name => name.StartsWith("..d")).ThenBy(name => name, StringComparer.Ordinal));
    }

    [Fact]
    public void A_writer_killed_before_the_links_is_completed()
    {
        writer.Write(Files(("a", "1"), ("b", "2")), Roots);
        File.Delete(directory.File("b"));
        Assert.False(writer.Write(Files(("a", "1"), ("b", "2")), Roots));
        Assert.Equal("2", File.ReadAllText(directory.File("b")));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("..data")]
    [InlineData("..x/y")]
    [InlineData("")]
    [InlineData("a//b")]
    public void Paths_that_lead_out_or_into_the_writers_own_are_refused_and_nothing_is_written(string path)
    {
        writer.Write(Files(("k", "1")), Roots);
        Assert.Throws<VolumeException>(() => writer.Write(Files(("k", "2"), (path, "x")), Roots));
        Assert.Equal("1", File.ReadAllText(directory.File("k")));
    }

    [Fact]
    public void Files_have_the_mode_that_was_asked_for_whatever_the_umask()
    {
        writer.Write(new Dictionary<string, VolumeFile> { ["open"] = new([], 0b111_111_111), ["closed"] = new([], 0b100_000_000) }, Roots);
        Assert.Equal((UnixFileMode)0b111_111_111, File.GetUnixFileMode(directory.File("open")));
        Assert.Equal((UnixFileMode)0b100_000_000, File.GetUnixFileMode(directory.File("closed")));
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(directory.File("..data/.")));
    }

    [Theory]
    [InlineData(null, true, "400", "755")]
    [InlineData(1000L, true, "440", "2755")]
    [InlineData(1000L, false, "660", "2775")]
    public void FsGroup_lets_the_group_read_and_where_the_volume_is_writable_write(long? group, bool readOnly, string file, string directoryMode)
    {
        var ownership = new VolumeOwnership(group, readOnly);
        Assert.Equal(file, Convert.ToString((int)ownership.OfFile((UnixFileMode)0b100_000_000), 8));
        Assert.Equal(directoryMode, Convert.ToString((int)ownership.OfDirectory((UnixFileMode)0b111_101_101), 8));
    }

    public void Dispose() => directory.Dispose();

    private string[] Visible() => [.. new DirectoryInfo(directory.Path).GetFileSystemInfos().Select(entry => entry.Name).Where(name => !name.StartsWith("..")).Order(StringComparer.Ordinal)];

    private static Dictionary<string, VolumeFile> Files(params (string Path, string Text)[] files) =>
        files.ToDictionary(file => file.Path, file => new VolumeFile(Encoding.UTF8.GetBytes(file.Text), 0b110_100_100));
}
