using EndToEndTests.Fixture;
using Linux;

namespace EndToEndTests.Machines;

/// <summary>What a cluster could leave behind on the host that runs it.</summary>
internal static class HostState
{
    private static readonly string[][] NetworkCommands =
    [
        ["ip", "-o", "link"], ["ip", "-o", "address"], ["ip", "route", "show", "table", "all"], ["ip", "-6", "route", "show", "table", "all"],
        ["ip", "rule"], ["iptables-save"], ["ip6tables-save"], ["nft", "list", "ruleset"], ["ip", "netns"],
    ];

    /// <summary>The root network namespace in full, without counters and times.</summary>
    public static async Task<string> RootNetwork()
    {
        var text = "";
        foreach (var command in NetworkCommands) text += $"$ {string.Join(' ', command)}\n{await CommandRunner.Run(command[0], command[1..])}\n";
        return string.Join('\n', text.Split('\n').Where(line => !line.StartsWith('#')).Select(WithoutNumbers));
    }

    private static string WithoutNumbers(string line) =>
        System.Text.RegularExpressions.Regex.Replace(line, @"\[\d+:\d+\]|expires \w+|(preferred|valid)_lft \w+", "");

    /// <summary>The process ids in a machine's cgroups and the network namespaces they are in.</summary>
    public static (HashSet<int> Pids, HashSet<string> Namespaces) Processes(IEnumerable<int> pids)
    {
        var all = pids.ToHashSet();
        return (all, [.. all.Select(pid => NetworkNamespace(pid)).OfType<string>()]);
    }

    /// <summary>All that runs in one of these network namespaces now.</summary>
    public static IReadOnlyList<int> ProcessesIn(IReadOnlySet<string> namespaces) =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!))
            .Where(pid => NetworkNamespace(pid) is { } ns && namespaces.Contains(ns)),
    ];

    private static string? NetworkNamespace(int pid)
    {
        try { return new FileInfo($"/proc/{pid}/ns/net").LinkTarget; }
        catch (IOException) { return null; }
    }

    /// <summary>Mounts, cgroups and files that carry the cluster's name.</summary>
    public static IReadOnlyList<string> Traces(string cluster)
    {
        var mounts = File.ReadLines("/proc/self/mounts").Where(line => line.Contains(cluster, StringComparison.Ordinal));
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var directories = new[] { "/sys/fs/cgroup", "/run", "/var/lib", "/var/log", "/etc", "/tmp" }
            .SelectMany(parent => Directory.EnumerateFileSystemEntries(parent, $"*{cluster}*", options));
        return [.. mounts, .. directories];
    }
}
