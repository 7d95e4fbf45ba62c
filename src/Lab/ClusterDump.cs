using System.Text;

namespace Lab;

/// <summary>Everything that explains a failed test: the network, the processes and the logs of every machine.</summary>
internal static class ClusterDump
{
    private const int LogLines = 200;

    private static readonly string[][] Commands =
    [
        ["ip", "-d", "addr"], ["ip", "route"], ["ip", "neigh"], ["iptables-save"], ["nft", "list", "ruleset"], ["ps", "-ef"], ["cat", "/proc/mounts"],
    ];

    public static async Task<string> Text(Cluster cluster)
    {
        var parts = await Task.WhenAll(cluster.Machines.Select(Of));
        return await ClusterStatus.Describe(cluster) + string.Concat(parts);
    }

    private static async Task<string> Of(Machine machine)
    {
        var text = new StringBuilder();
        foreach (var command in machine.IsRunning ? Commands : [])
        {
            var result = await machine.TryRun(command[0], command[1..]);
            text.AppendLine($"--- {machine.Name}$ {string.Join(' ', command)}").Append(result.Output).Append(result.Error);
        }
        if (!Directory.Exists(machine.OnDisk("/var/log"))) return text.ToString();
        foreach (var log in Directory.GetFiles(machine.OnDisk("/var/log"), "*.log").Order(StringComparer.Ordinal))
        {
            text.AppendLine($"--- {machine.Name}: the last {LogLines} lines of {Path.GetFileName(log)}");
            foreach (var line in File.ReadLines(log).TakeLast(LogLines)) text.AppendLine(line);
        }
        return text.ToString();
    }
}
