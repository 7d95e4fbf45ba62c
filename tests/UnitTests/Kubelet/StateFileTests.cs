using NodeAgent;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public sealed class StateFileTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_state_is_for_root_alone_also_where_an_agent_was_killed_at_writing_it()
    {
        File.WriteAllText(directory.File("state.json.tmp"), "{");
        StateFile.Write(directory.File("state.json"), new { A = 1 });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.File("state.json")));
        Assert.Equal([directory.File("state.json")], Directory.GetFiles(directory.Path));
    }

    /// <summary>Containers have the file mounted, and may make it as long as they like.</summary>
    [Theory]
    [InlineData("web-1\n", "web-1")]
    [InlineData("web-1\nB=2", "web-1")]
    [InlineData("", "")]
    public void Of_a_host_name_that_a_container_wrote_a_line_counts(string content, string name)
    {
        var paths = new NodePaths(directory.File("run"), directory.File("lib"), directory.File("log"));
        Directory.CreateDirectory(paths.Etc("u"));
        using (var file = File.Create(Path.Combine(paths.Etc("u"), "hostname")))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(content));
            if (content.Length == 0) file.SetLength(100L << 30);
        }
        Assert.Equal(name, PodSandbox.HostName(paths, "u"));
    }
}
