using System.CommandLine;
using Linux;
using NodeAgent.Dns;
using NodeAgent.HostPorts;
using NodeAgent.KernelState;
using NodeAgent.Kubelet;
using NodeAgent.PodNetwork;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace NodeAgent;

/// <summary><c>nodeagent state</c>: everything of ours on this machine, from the kernel and the agent's own files; no control plane needed.</summary>
internal static class StateCommand
{
    public static Command Create()
    {
        var command = new Command("state", "Prints what of ours is in the kernel, and the API object that each thing came from") { CommandLine.RunDirectory, CommandLine.RootDirectory };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(() => Print(CommandLine.Paths(parsed), cancel)));
        return command;
    }

    private static async Task Print(NodePaths paths, CancellationToken cancel)
    {
        var known = KnownState.Read(paths);
        var versions = known.Versions();
        foreach (var line in await Lines(known, cancel)) Console.WriteLine(line with { ApiObject = versions.Complete(line.ApiObject) });
    }

    private static async Task<IReadOnlyList<StateLine>> Lines(KnownState known, CancellationToken cancel) =>
    [
        .. NodeNetwork.ReadState(known.NodeName, podsDirectory: known.Paths.RunPods),
        .. DnsAddress.Find(NetworkNamespace.Current).Select(DnsAddress.State).Select(Line), .. LoadBalancerPart.State(known.Services),
        .. (await new NoTrackRules().State(cancel)).Select(Line),
        .. (await new HostPortMapper(PodRecords.HostPorts(known.Paths), NullLogger.Instance).State(cancel)).Select(Line),
        .. await Containers(known.Paths, cancel), .. MountLines(known.Paths),
        .. await ProxyModes.State(known.Services?.Table(), cancel), // the rules in the kernel, explained by the objects that the agent had at last
    ];

    private static StateLine Line(KernelEntry entry) => new(entry.Thing, entry.Origin);

    private static async Task<IEnumerable<StateLine>> Containers(NodePaths paths, CancellationToken cancel)
    {
        var records = PodRecords.Read(paths);
        return (await new OciRuntime(paths.RuncRoot, paths.Exits).List(cancel)).Select(container =>
        {
            var (pod, record) = records.SelectMany(pod => pod.Containers.Select(entry => (pod, entry))).FirstOrDefault(pair => pair.entry.Id == container.Id);
            return new StateLine($"container {container.Id[..Math.Min(12, container.Id.Length)]} pid {container.Pid} {container.Status}",
                pod is null ? "no object" : $"Pod {pod.Namespace}/{pod.Name} container {record.Name} attempt {record.Attempt}");
        });
    }

    private static IEnumerable<StateLine> MountLines(NodePaths paths)
    {
        var records = PodRecords.Read(paths).ToDictionary(record => record.Uid);
        foreach (var mount in Mounts.Read().Where(mount => mount.Target.StartsWith(paths.Run + "/", StringComparison.Ordinal)))
        {
            var uid = Path.GetRelativePath(paths.RunPods, mount.Target).Split('/')[0];
            yield return new StateLine($"mount {mount.Type} {mount.Target}",
                records.TryGetValue(uid, out var record) ? $"Pod {record.Namespace}/{record.Name}" : "the agent itself");
        }
        foreach (var pod in Cgroups.Find("nodeagent").SelectMany(Directory.GetDirectories).GroupBy(directory => Path.GetFileName(directory)))
            yield return new StateLine($"cgroup nodeagent/{pod.Key} in {pod.Count()} hierarchies",
                records.TryGetValue(pod.Key["pod".Length..], out var record) ? $"Pod {record.Namespace}/{record.Name}" : "no object");
    }
}
