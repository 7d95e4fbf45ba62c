namespace Lab;

/// <summary>Backs a cluster's control plane up into a file of the host, and brings it back from one.</summary>
internal sealed class ClusterBackup(Cluster cluster, Programs programs, Action<string> say)
{
    private string ControlDisk => cluster.Paths.Disk(Cluster.ControlName);

    /// <summary>The cluster may run, or not.</summary>
    /// <exception cref="Linux.CommandException">The control plane's own words.</exception>
    public async Task Backup(string file, bool overwrite)
    {
        RequireCluster();
        say(await programs.Backup(ControlDisk, file, overwrite));
    }

    /// <summary>Pulls the plug of the control machine, restores its data and boots it; nodes that do not know the restored authority are told of it.</summary>
    /// <exception cref="Linux.CommandException">The control plane's own words; the cluster goes on as it was.</exception>
    /// <exception cref="LabException">It does not get ready again.</exception>
    public async Task Restore(string file, CancellationToken cancel)
    {
        RequireCluster();
        if (!File.Exists(file)) throw new LabException($"there is no {file}");
        var authority = Authority();
        await cluster.Control.Kill();
        try
        {
            say(await programs.Restore(ControlDisk, file));
            if (Authority() != authority) await Introduce();
        }
        finally
        {
            await cluster.Control.Boot();
        }
        await new Readiness(cluster, say).Wait(cluster.Settings!.Nodes, new NodeJoining(cluster, say).Run, cancel);
    }

    private void RequireCluster()
    {
        if (cluster.Settings is null) throw new LabException($"cluster {cluster.Name} is down; 'scripts/cluster up' brings it up");
        programs.Require();
    }

    private string? Authority() => File.Exists(programs.AuthorityFile(ControlDisk)) ? File.ReadAllText(programs.AuthorityFile(ControlDisk)) : null;

    /// <summary>New kubeconfigs for the administrator and the nodes, whose agents start again with them.</summary>
    private async Task Introduce()
    {
        if (cluster.Settings!.Port is { } port) SecretFile.Write(cluster.Paths.Kubeconfig, await programs.AdminKubeconfig(ControlDisk, $"https://127.0.0.1:{port}"));
        foreach (var node in cluster.Nodes)
        {
            // What a running machine has mounted is written through its own root; the others read it from their disk when they boot.
            var etc = node.InitPid is { } running ? $"/proc/{running}/root/etc" : $"{cluster.Paths.Disk(node.Name)}/etc";
            SecretFile.Write($"{etc}/nodeagent/kubeconfig", await programs.NodeKubeconfig(ControlDisk, node.Name));
            node.KillProcess("nodeagent", Linux.LibC.SIGTERM);
        }
        say("the restored cluster has another authority: the administrator's and the nodes' kubeconfigs are new");
    }
}
