using Linux;

namespace UnitTests.Linux;

/// <summary>Directories as a container may leave them behind.</summary>
public sealed class DirectoryTreeTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private string Tree => directory.File("tree");

    public void Dispose()
    {
        DirectoryTree.Delete(Tree);
        directory.Dispose();
    }

    private async Task Make(string script)
    {
        Directory.CreateDirectory(Tree);
        await CommandRunner.Run("perl", ["-e", "chdir $ARGV[0] or die; " + script, Tree]);
    }

    private const string Deep = "for (1..3000) { mkdir 'd' or die; chdir 'd' or die } open F, '>f' or die; print F 'x' x 100000;";
    private const string Unnamable = "mkdir \"\\xff\" or die; open F, \">\\xff/\\xfe\" or die; print F 'x' x 100000;";

    [Theory]
    [InlineData(Deep)]
    [InlineData(Unnamable)]
    [InlineData("open F, '>f';")]
    public async Task A_tree_is_deleted_whatever_is_in_it(string script)
    {
        await Make(script);
        DirectoryTree.Delete(Tree);
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        File.WriteAllText(directory.File("other"), "");
        await Make(Unnamable + " symlink '..', 'up'; symlink '../other', 'file';");
        DirectoryTree.Delete(Tree);
        Assert.Equal([directory.File("other")], Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void A_tree_that_is_not_there_is_deleted() => DirectoryTree.Delete(directory.File("none"));

    [Theory]
    [InlineData(Deep, 3002)]
    [InlineData(Unnamable, 3)]
    public async Task Nothing_in_it_escapes_being_counted(string script, int files)
    {
        await Make(script);
        var usage = DiskUsage.Of(Tree);
        Assert.Equal(files, usage.Files);
        Assert.InRange(usage.Bytes, 100_000, 100_000_000);
    }
}
