using System.Text.RegularExpressions;

namespace Lab;

/// <summary>Where a cluster's files lie on the host; nothing of it is anywhere else.</summary>
internal sealed partial record ClusterPaths(string Cluster)
{
    private const string RunParent = "/run/nodeagent-lab", DiskParent = "/var/lib/nodeagent-lab";

    /// <summary>What a reboot of the host takes away: settings, relay socket, kubeconfig.</summary>
    public string Run => $"{RunParent}/{Cluster}";

    /// <summary>The machines' disks.</summary>
    public string Disks => $"{DiskParent}/{Cluster}";

    public string Settings => $"{Run}/cluster.json";

    /// <summary>The administrator's kubeconfig, 0600.</summary>
    public string Kubeconfig => $"{Run}/kubeconfig";

    /// <summary>Shown in the control machine as /run/lab; the API server's unix socket is in it.</summary>
    public string ControlSocketDirectory => $"{Run}/control-socket";

    public string ApiSocket => $"{ControlSocketDirectory}/api.sock";

    public string RelayLog => $"{Run}/relay.log";

    public string Spec(string machine) => $"{Run}/machines/{machine}.json";

    /// <summary>Which process is the machine's init: "PID STARTTIME".</summary>
    public string Init(string machine) => $"{Run}/machines/{machine}.init";

    public string Disk(string machine) => $"{Disks}/{machine}";

    /// <summary>The clusters of which there is anything left on this host.</summary>
    public static IReadOnlyList<string> Clusters() =>
        [.. new[] { RunParent, DiskParent }.Where(Directory.Exists).SelectMany(Directory.GetDirectories)
            .Select(path => Path.GetFileName(path)!).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Removes the files of the cluster, and the parents if no other cluster has any.</summary>
    public async Task Remove()
    {
        // rm, because files in container images may have names that are no valid UTF-8.
        await Linux.CommandRunner.Run("rm", ["-rf", "--one-file-system", "--", Run, Disks]);
        foreach (var parent in new[] { RunParent, DiskParent })
        {
            try { Directory.Delete(parent); }
            catch (IOException) { } // not there, or another cluster's
        }
    }

    /// <summary>A name is part of paths, cgroups and commands: a DNS label of at most 32 characters.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$")]
    private static partial Regex NamePattern();
}
