using Lab;
using Linux;

namespace KernelTests.Lab;

/// <summary>
/// A cluster for one test class: two nodes, on which socat in the place of the agent answers HOSTNAME on port 8080. Taken down after the last test,
/// when nothing of it may be left and the root namespace must be as before.
/// </summary>
public sealed class LabCluster : IAsyncLifetime
{
    private readonly string name = $"kernel-{Guid.NewGuid():N}"[..20];
    private string network = "";

    internal Cluster Cluster { get; private set; } = null!;

    internal static MachineProgram? Server(string machine) => machine.StartsWith("node", StringComparison.Ordinal)
        ? new MachineProgram("server", ["/usr/bin/socat", "TCP-LISTEN:8080,fork,reuseaddr", "SYSTEM:hostname"])
        : null;

    public async Task InitializeAsync()
    {
        network = await HostTraces.Network();
        Cluster = await Cluster.Up(new ClusterOptions { Name = name, Nodes = 2, ProgramOf = Server });
    }

    public async Task DisposeAsync()
    {
        await Cluster.Down();
        Assert.Empty(HostTraces.Of(name));
        Assert.Equal(network, await HostTraces.Network());
    }

    /// <summary>What the server on a machine's port says to another machine; null if there is no answer.</summary>
    internal static async Task<string?> Ask(Machine from, string address, int port = 8080)
    {
        var result = await from.TryRun("socat", "-T", "5", "-u", $"TCP:{address}:{port},connect-timeout=1", "-");
        return result.ExitCode == 0 ? result.Output.Trim() : null;
    }

    /// <summary>Waits until asking gives this answer; the bound is for a broken run.</summary>
    internal static async Task Answers(string? expected, Machine from, string address, int port = 8080)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await Ask(from, address, port);
            if (answer == expected) return;
            Assert.True(tries < 30, $"{address}:{port} answers {from.Name} '{answer}', not '{expected}'");
            await Task.Delay(200);
        }
    }
}

/// <summary>What a cluster might leave on the host.</summary>
internal static class HostTraces
{
    /// <summary>Files, cgroups and processes that bear the cluster's name; mounts too.</summary>
    public static IReadOnlyList<string> Of(string cluster) =>
    [
        .. new[] { $"/run/nodeagent-lab/{cluster}", $"/var/lib/nodeagent-lab/{cluster}" }.Where(Path.Exists),
        .. CgroupHierarchy.Mounted().Select(hierarchy => $"{hierarchy.MountPoint}/nodeagent-lab/{cluster}").Where(Directory.Exists),
        .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(cluster, StringComparison.Ordinal)),
        .. Directory.GetDirectories("/proc").Where(process => Path.GetFileName(process).All(char.IsAsciiDigit)).Where(process => Mentions(process, cluster)),
    ];

    private static bool Mentions(string process, string cluster)
    {
        try { return File.ReadAllText($"{process}/cmdline").Contains($"/{cluster}/", StringComparison.Ordinal); }
        catch (IOException) { return false; }
    }

    /// <summary>Addresses, routes, rules and firewall of the root namespace; counters and lifetimes left out.</summary>
    public static async Task<string> Network()
    {
        string[][] commands = [["ip", "-o", "link"], ["ip", "-o", "-4", "addr"], ["ip", "route"], ["ip", "rule"], ["iptables-save"], ["nft", "-s", "list", "ruleset"]];
        var outputs = await Task.WhenAll(commands.Select(command => CommandRunner.Run(command[0], command[1..])));
        return string.Join('\n', outputs.SelectMany(output => output.Split('\n')).Where(line => !line.StartsWith('#')));
    }
}
