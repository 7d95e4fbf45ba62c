using System.Text.Json.Nodes;

namespace KernelTests.Lab;

/// <summary>runc finds in a machine what it finds on a host: cgroups of its own to limit containers with.</summary>
public sealed class ContainerTests(LabCluster lab) : IClassFixture<LabCluster>
{
    private const string Bundle = "/var/lib/bundle";

    [Fact]
    public async Task Runc_runs_a_container_with_limits_in_a_machine()
    {
        var node = lab.Cluster.Node(1);
        await node.Run("mkdir", "-p", $"{Bundle}/rootfs/usr");
        foreach (var directory in new[] { "bin", "lib", "lib64" }) await node.Run("ln", "-sfn", $"usr/{directory}", $"{Bundle}/rootfs/{directory}");
        await node.Run("runc", "spec", "--bundle", Bundle);
        var file = node.OnDisk($"{Bundle}/config.json");
        await File.WriteAllTextAsync(file, Limited(JsonNode.Parse(await File.ReadAllTextAsync(file))!).ToJsonString());

        var output = await node.Run("sh", "-c", $"runc run --bundle {Bundle} limited </dev/null");

        Assert.Contains("67108864", output);
        Assert.Contains("hostname container", output);
        Assert.DoesNotContain("limited", await node.Run("runc", "list"));
    }

    /// <summary>64 MiB and 20 processes, with the host's programs as its root file system; it prints its own limit.</summary>
    private static JsonNode Limited(JsonNode spec)
    {
        spec["hostname"] = "container";
        spec["process"]!["terminal"] = false;
        spec["process"]!["args"] = new JsonArray("sh", "-c", "echo hostname $(hostname); cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true");
        spec["mounts"]!.AsArray().Add(JsonNode.Parse("""{ "destination": "/usr", "source": "/usr", "type": "bind", "options": ["rbind", "ro"] }"""));
        spec["mounts"]!.AsArray().Single(mount => (string?)mount!["destination"] == "/sys/fs/cgroup")!["options"] = new JsonArray("nosuid", "noexec", "nodev", "relatime", "ro");
        spec["linux"]!["cgroupsPath"] = "/nodeagent/limited";
        spec["linux"]!["resources"]!["memory"] = JsonNode.Parse("""{ "limit": 67108864 }""");
        spec["linux"]!["resources"]!["pids"] = JsonNode.Parse("""{ "limit": 20 }""");
        return spec;
    }
}
