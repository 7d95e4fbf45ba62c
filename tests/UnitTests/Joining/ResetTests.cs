using NodeAgent;
using Xunit;

namespace UnitTests.Joining;

/// <summary>What a machine that is no node any more still has; the commands as a whole are tested end to end.</summary>
public sealed class ResetTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    private NodePaths Paths => new(directory.File("run"), directory.File("lib"), directory.File("log/pods"));

    private string Make(string path, string text = "x")
    {
        var file = directory.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    private string[] Left() => [.. Directory.GetFileSystemEntries(directory.Path, "*", SearchOption.AllDirectories).Where(path => File.Exists(path) || new FileInfo(path).LinkTarget is not null || !Directory.EnumerateFileSystemEntries(path).Any())
        .Select(path => Path.GetRelativePath(directory.Path, path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Nothing_of_pods_and_identity_stays_and_images_manifests_and_foreign_files_do()
    {
        foreach (var path in new[] { "run/pods/uid/pod.json", "run/services.json", "run/lock", "lib/pods/uid/volumes/v/data", "lib/pod-cidr", "etc/kubeconfig", "etc/serving.pem", "etc/serving.pem.new" }) Make(path);
        var log = Make("log/pods/ns_pod_uid/c/0.log");
        Directory.CreateDirectory(Paths.LogLinks);
        File.CreateSymbolicLink(Path.Combine(Paths.LogLinks, "pod_ns_c-1.log"), log);
        foreach (var path in new[] { "lib/images/oci/index.json", "lib/seccomp/own.json", "etc/manifests/static.yaml", "etc/nodeagent.env" }) Make(path);

        for (var time = 1; time <= 2; time++) // and again, when nothing is there
        {
            CleanupCommand.RemoveFiles(Paths);
            ResetCommand.Forget(directory.File("etc/kubeconfig"), Paths);
            Assert.Equal(["etc/manifests/static.yaml", "etc/nodeagent.env", "lib/images/oci/index.json", "lib/seccomp/own.json", "log"], Left());
        }
    }

    [Fact]
    public void Links_of_others_among_those_to_logs_stay()
    {
        var (log, other) = (Make("log/pods/ns_pod_uid/c/0.log"), Make("elsewhere/other.log"));
        Directory.CreateDirectory(Paths.LogLinks);
        File.CreateSymbolicLink(Path.Combine(Paths.LogLinks, "pod_ns_c-1.log"), log);
        File.CreateSymbolicLink(Path.Combine(Paths.LogLinks, "other.log"), other);
        CleanupCommand.RemoveFiles(Paths);
        Assert.Equal(["elsewhere/other.log", "log/containers/other.log"], Left());
    }

    [Theory]
    [InlineData("NODEAGENT_OPTS=\"--node-ip 192.168.56.11 --root-dir /srv/node\"", "/srv/node")]
    [InlineData("NODEAGENT_OPTS=--root-dir=/srv/node", "/srv/node")]
    [InlineData("NODEAGENT_OPTS=\"--root-dir /one\"\nNODEAGENT_OPTS=\"--root-dir /two --root-dir=/three\"", "/three")]
    [InlineData("# NODEAGENT_OPTS=\"--root-dir /srv/node\"\nNODEAGENT_OPTS=\"--node-name n\"", null)]
    [InlineData("NODEAGENT_OPTS=\"--root-directory /srv/node --root-dir\"", null)]
    public void Directories_are_those_that_the_service_was_configured_with(string file, string? expected)
    {
        Assert.Equal(expected, ServiceOptions.Value(file.Split('\n'), "--root-dir"));
        Assert.Equal(expected, ServiceOptions.Configured("--root-dir", Make("nodeagent.env", file)));
        Assert.Null(ServiceOptions.Configured("--root-dir", directory.File("none")));
    }
}
