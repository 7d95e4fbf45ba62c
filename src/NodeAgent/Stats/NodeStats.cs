using System.Collections.Concurrent;
using Linux;
using NodeAgent.Containers;
using NodeAgent.Kubelet;
using NodeAgent.PodNetwork;

namespace NodeAgent.Stats;

/// <summary>
/// Figures of the node, its pods and containers, from their control groups. Only CPU time is looked at regularly, since a
/// rate needs two looks; all else is read when somebody asks.
/// </summary>
/// <param name="pods">The pods that this node has now.</param>
internal sealed class NodeStats(string nodeName, NodePaths paths, Func<IEnumerable<PodRecord>> pods, Func<PodRecord, PodDisk?> disk)
{
    private const string Root = "";

    /// <summary>As metrics-server looks (--metric-resolution).</summary>
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(15);

    private readonly CpuSamples samples = new();
    private readonly ConcurrentDictionary<string, string> podGroups = new();

    public async Task Run(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(SampleEvery);
        try
        {
            do samples.Add(Samples());
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) { }
    }

    private List<(string, CpuSample)> Samples()
    {
        var present = pods().ToList();
        foreach (var gone in podGroups.Keys.Except(present.Select(pod => pod.Uid)).ToList()) podGroups.TryRemove(gone, out _);
        var groups = present.SelectMany(pod => Running(pod).Select(container => ContainerGroup(pod, container)).Append(PodGroup(pod))).Append(Root);
        return [.. groups.Select(group => (group, Time: CgroupUsage.CpuTime(group))).Where(entry => entry.Time is not null).Select(entry => (entry.group, new CpuSample(DateTime.UtcNow, entry.Time!.Value)))];
    }

    /// <summary>Looked for once: its place follows from the pod's class, which stays.</summary>
    private string PodGroup(PodRecord pod)
    {
        if (podGroups.TryGetValue(pod.Uid, out var known)) return known;
        if (PodCgroup.Candidates(pod.Uid).FirstOrDefault(path => CgroupUsage.CpuTime(path) is not null) is not { } found) return $"nodeagent/pod{pod.Uid}";
        return podGroups[pod.Uid] = found;
    }

    private string ContainerGroup(PodRecord pod, ContainerRecord container) => $"{PodGroup(pod)}/{container.Id}";

    private static IEnumerable<ContainerRecord> Running(PodRecord pod) => pod.Containers.Where(container => container is { IsRunning: true, StartedAt: not null });

    /// <param name="everything">Also disks and networks, not only CPU and memory.</param>
    public Summary Read(bool everything)
    {
        var now = DateTime.UtcNow;
        var usage = NodeUsage.Read();
        var links = everything ? InterfaceCounters.ReadAll().ToDictionary(link => link.Name) : [];
        var node = new NodeSummary(nodeName, NodeUsage.StartTime, Cpu(Root, usage, now, null), Memory(usage, now, NodeUsage.AvailableMemory(usage)));
        if (everything)
        {
            var (fs, images, processes) = (FileSystemUsage.Of(paths.Lib), FileSystemUsage.Of(Directory.Exists(paths.Images) ? paths.Images : paths.Lib), NodeUsage.Processes());
            node = node with
            {
                Network = Network([.. links.Values.Where(link => link.Name != "lo" && !link.Name.StartsWith(Marks.PodLinkPrefix, StringComparison.Ordinal))], now),
                Fs = Fs(fs, now, fs.Used, fs.Inodes - fs.InodesFree), Rlimit = new RlimitStats(now, processes.Most, processes.Present),
                Runtime = new RuntimeStats(Fs(images, now, images.Used, images.Inodes - images.InodesFree), Fs(fs, now, fs.Used, fs.Inodes - fs.InodesFree)),
            };
        }
        return new Summary(node, [.. pods().Select(pod => Pod(pod, now, everything, links)).OfType<PodSummary>()]);
    }

    /// <summary>Working sets by container, and processes of the whole pod.</summary>
    public (IReadOnlyDictionary<string, long> Memory, long Processes) Usage(PodRecord pod) =>
        (Running(pod).ToDictionary(container => container.Name, container => CgroupUsage.Read(ContainerGroup(pod, container))?.WorkingSet ?? 0), CgroupUsage.Read(PodGroup(pod))?.Processes ?? 0);

    /// <summary>Null for a pod of which nothing runs.</summary>
    private PodSummary? Pod(PodRecord pod, DateTime now, bool everything, Dictionary<string, InterfaceCounters> links)
    {
        var containers = Running(pod).Select(container => (container, Usage: CgroupUsage.Read(ContainerGroup(pod, container)))).Where(entry => entry.Usage is not null).ToList();
        if (containers.Count == 0 || CgroupUsage.Read(PodGroup(pod)) is not { } usage) return null;
        var used = everything ? disk(pod) : null;
        var fs = used is null ? null : FileSystemUsage.Of(paths.Lib);
        var summary = new PodSummary(new PodReference(pod.Name, pod.Namespace, pod.Uid), pod.StartTime,
            [.. containers.Select(entry => Container(pod, entry.container, entry.Usage!, now, used, fs))], Cpu(PodGroup(pod), usage, now, pod.StartTime), Memory(usage, now, null));
        return !everything ? summary : summary with
        {
            // The node's end of the pod's link: what the one sends the other receives.
            Network = links.TryGetValue(Marks.PodLink(pod.Uid), out var link) ? Network([new InterfaceCounters(Marks.PodInterface, link.SentBytes, link.SendErrors, link.ReceivedBytes, link.ReceiveErrors)], now) : null,
            Volumes = used is null ? null : [.. used.Volumes.Select(volume => new VolumeStats(volume.Key, now, fs!.Available, fs.Capacity, volume.Value.Bytes, fs.InodesFree, fs.Inodes, volume.Value.Files))],
            EphemeralStorage = used is null ? null : Fs(fs!, now, used.Total.Bytes, used.Total.Files),
            Processes = usage.Processes is { } count ? new ProcessStats(count) : null,
        };
    }

    private ContainerSummary Container(PodRecord pod, ContainerRecord container, CgroupUsage usage, DateTime now, PodDisk? used, FileSystemUsage? fs)
    {
        var summary = new ContainerSummary(container.Name, container.StartedAt, Cpu(ContainerGroup(pod, container), usage, now, container.StartedAt), Memory(usage, now, null));
        return used is null ? summary : summary with
        {
            Rootfs = Fs(fs!, now, used.Layers.GetValueOrDefault(container.Name).Bytes, used.Layers.GetValueOrDefault(container.Name).Files),
            Logs = Fs(fs!, now, used.Logs.GetValueOrDefault(container.Name).Bytes, used.Logs.GetValueOrDefault(container.Name).Files),
        };
    }

    private CpuStats Cpu(string group, CgroupUsage usage, DateTime now, DateTime? begun)
    {
        var rate = samples.Rate(group, new CpuSample(now, usage.CpuNanoseconds), begun);
        return new CpuStats(now, rate?.NanoCores, usage.CpuNanoseconds, rate?.Window.TotalSeconds);
    }

    private static MemoryStats Memory(CgroupUsage usage, DateTime now, long? available) =>
        new(now, available, usage.Memory, usage.WorkingSet, usage.Anonymous, usage.PageFaults, usage.MajorPageFaults);

    private static FsStats Fs(FileSystemUsage fs, DateTime now, long used, long files) => new(now, fs.Available, fs.Capacity, used, fs.InodesFree, fs.Inodes, files);

    private static NetworkStats? Network(IReadOnlyList<InterfaceCounters> links, DateTime now)
    {
        if (links.Count == 0) return null;
        var all = links.Select(link => new InterfaceStats(link.Name, link.ReceivedBytes, link.ReceiveErrors, link.SentBytes, link.SendErrors)).ToList();
        var first = all.Find(link => link.Name.StartsWith("eth", StringComparison.Ordinal)) ?? all[0];
        return new NetworkStats(now, first.Name, first.RxBytes, first.RxErrors, first.TxBytes, first.TxErrors, all);
    }
}
