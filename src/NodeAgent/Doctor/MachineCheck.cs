using KubeApi;
using Linux;

namespace NodeAgent.Doctor;

/// <summary>Who this machine is, what it asks for names, and its disk.</summary>
internal static class MachineCheck
{
    private const long LeastDisk = 2L << 30;

    public static IEnumerable<Finding> Identity(string hostName, string? machineId)
    {
        var name = hostName.ToLowerInvariant();
        var valid = name.Length is > 0 and <= 253 && name.Split('.').All(label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');
        yield return !valid ? Finding.Fault($"the host name '{hostName}' cannot be a node's name (letters, digits and -)", "hostnamectl set-hostname node1, or nodeagent run --node-name")
            : name is "localhost" or "debian" or "localhost.localdomain" ? Finding.Fault($"the host name is {name}: other nodes may have the same", "hostnamectl set-hostname node1, or nodeagent run --node-name")
            : Finding.Ok($"host name {name}");
        if (string.IsNullOrWhiteSpace(machineId) || machineId.Trim() == "uninitialized")
            yield return Finding.Fault("/etc/machine-id is empty", "systemd-machine-id-setup");
    }

    /// <param name="servers">What pods with dnsPolicy Default, and names outside the cluster, are asked of.</param>
    /// <param name="answers">Those that answered.</param>
    public static IEnumerable<Finding> Names(IReadOnlyList<string> servers, IReadOnlyCollection<string> answers)
    {
        if (servers.Count == 0)
            yield return Finding.Note("/etc/resolv.conf names no server: names outside the cluster are not found", "echo 'nameserver ADDRESS' >>/etc/resolv.conf");
        foreach (var server in servers)
            yield return answers.Contains(server) ? Finding.Ok($"name server {server} answers")
                : Finding.Note($"name server {server} does not answer: names outside the cluster are not found (no registry either)", $"dig @{server} . NS");
    }

    public static Finding Disk(string place, long free) => free >= LeastDisk ? Finding.Ok($"{place}: {free >> 20} MB free")
        : Finding.Fault($"{place}: only {free >> 20} MB free, {LeastDisk >> 20} are needed: pods would be evicted", $"free some space there: nodeagent image prune; du -xh {place} | sort -h | tail");

    /// <summary>The nearest directory above that exists.</summary>
    public static string Existing(string place) => Directory.Exists(place) ? place : Existing(Path.GetDirectoryName(place)!);
}
