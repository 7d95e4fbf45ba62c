using NodeAgent.StaticPods;

namespace UnitTests.StaticPods;

public sealed class StaticPodFolderTests : IDisposable
{
    private const string Web = """{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "nginx:1"}]}}""";

    private readonly TemporaryDirectory root = new();
    private readonly List<string> told = [];

    public void Dispose() => root.Dispose();

    [Fact]
    public void A_folder_that_cannot_be_read_is_named_once_and_ends_no_pod()
    {
        var path = Path.Combine(root.Path, "manifests");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "web.json"), Web);
        var folder = new StaticPodFolder(path, "node1", (where, problem) => told.Add($"{where}: {problem}"));
        var uid = folder.Read().Single().Metadata.Uid;
        Directory.Move(path, path + ".old");
        File.CreateSymbolicLink(path, path); // root may read every folder, but nobody a link to itself
        for (var i = 0; i < 2; i++) Assert.Equal(uid, folder.Read().Single().Metadata.Uid);
        Assert.StartsWith(path + ": ", Assert.Single(told), StringComparison.Ordinal);
        File.Delete(path);
        Assert.Empty(folder.Read());
    }
}
