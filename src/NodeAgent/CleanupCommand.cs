using System.CommandLine;
using Linux;
using NodeAgent.Dns;
using NodeAgent.PodNetwork;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.NftablesMode;

namespace NodeAgent;

/// <summary><c>nodeagent cleanup</c>: removes everything of ours; images and configuration stay. May be repeated.</summary>
internal static class CleanupCommand
{
    public static Command Create()
    {
        var command = new Command("cleanup", "Removes all containers, mounts, namespaces, links, routes, rules and cgroups of the agent, which must not be running")
        {
            CommandLine.RunDirectory, CommandLine.RootDirectory, CommandLine.LogDirectory,
        };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(() => Clean(CommandLine.Paths(parsed), cancel)));
        return command;
    }

    /// <summary>Goes on after an error, and tells of all of them at the end.</summary>
    public static async Task Clean(NodePaths paths, CancellationToken cancel)
    {
        using var only = AgentLock.Take(paths);
        var errors = new List<Exception>();
        await Try(() => RemoveContainers(paths, cancel), errors);
        await Try(() => { DnsAddress.Remove(NetworkNamespace.Current); return Task.CompletedTask; }, errors);
        await Try(() => { LoadBalancers.LinkAddresses.Cleanup(NetworkNamespace.Current); return Task.CompletedTask; }, errors);
        await Try(() => new IptablesBackEnd().Cleanup(cancel), errors);
        await Try(() => new NftablesBackEnd().Cleanup(cancel), errors);
        await Try(() => { NodeNetwork.Cleanup(podsDirectory: paths.RunPods); return Task.CompletedTask; }, errors);
        await Try(() => { RemoveMounts(paths); return Task.CompletedTask; }, errors);
        await Try(() => { RemoveFiles(paths); return Task.CompletedTask; }, errors);
        if (errors.Count > 0) throw new AggregateException(errors);
    }

    private static async Task RemoveContainers(NodePaths paths, CancellationToken cancel)
    {
        var runtime = new OciRuntime(paths.RuncRoot, paths.Exits);
        foreach (var container in await runtime.List(cancel)) await runtime.Delete(container.Id, cancel);
    }

    /// <summary>conmons have ended with their containers. Mounts go from the innermost outwards.</summary>
    private static void RemoveMounts(NodePaths paths)
    {
        foreach (var mount in Mounts.Read().Where(mount => mount.Target.StartsWith(paths.Run + "/", StringComparison.Ordinal)).Reverse()) Mounts.Remove(mount.Target);
        Cgroups.Remove("nodeagent");
    }

    /// <summary>What the agent wrote of pods; the directory of links to logs too, unless others have links there.</summary>
    internal static void RemoveFiles(NodePaths paths)
    {
        foreach (var directory in new[] { paths.Run, paths.LibPods, paths.Logs })
            DirectoryTree.Delete(directory);
        Logs.LogLinks.RemoveDangling(paths);
        if (Directory.Exists(paths.LogLinks) && !Directory.EnumerateFileSystemEntries(paths.LogLinks).Any()) Directory.Delete(paths.LogLinks);
    }

    private static async Task Try(Func<Task> step, List<Exception> errors)
    {
        try { await step(); }
        catch (Exception e) { errors.Add(e); }
    }
}
