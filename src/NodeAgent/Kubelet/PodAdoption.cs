using System.Text.Json;
using Linux;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>
/// Finds again, after a restart of the agent, what it had made for a pod: from the pod's record, or where that is
/// damaged from the containers' bundles and processes themselves. Runs once per pod, before its worker.
/// </summary>
internal sealed class PodAdoption(NodePaths paths, ContainerStarter containers, OciRuntime runtime, Action<string> log)
{
    /// <summary>Pods of which something is on this machine.</summary>
    public IReadOnlyList<string> Uids() => [.. new[] { paths.RunPods, paths.LibPods }.Where(Directory.Exists)
        .SelectMany(Directory.GetDirectories).Select(directory => Path.GetFileName(directory)!).Distinct()];

    /// <summary>Null if nothing is left of the pod that runs. Removes containers that the record does not know.</summary>
    public async Task<PodRecord?> Adopt(string uid)
    {
        var record = StateFile.Read<PodRecord>(paths.PodRecord(uid), log) ?? Rebuild(uid);
        var known = (record?.Containers ?? []).Where(container => container.IsRunning).Select(container => container.Id).ToHashSet();
        var present = new[] { paths.Bundles(uid), paths.Layers(uid) }.Where(Directory.Exists).SelectMany(Directory.GetDirectories).Select(directory => Path.GetFileName(directory)!);
        foreach (var id in present.Distinct().Where(id => !known.Contains(id)).ToList())
        {
            if (Directory.Exists(paths.RunPod(uid))) log($"pod {uid}: removing container {id[..Math.Min(12, id.Length)]}, which its record does not name");
            // One that cannot be removed now must not keep the node's other pods from being adopted; it goes with its pod.
            try { await containers.Remove(uid, id); }
            catch (Exception e) when (e is OciRuntimeException or IOException or UnauthorizedAccessException) { log($"pod {uid}: {e.Message}"); }
        }
        return record;
    }

    /// <summary>From each bundle's annotations and pid files; the address is asked of the pod network again.</summary>
    private PodRecord? Rebuild(string uid)
    {
        if (!Directory.Exists(paths.Bundles(uid))) return null;
        PodRecord? pod = null;
        foreach (var bundle in Directory.GetDirectories(paths.Bundles(uid)))
        {
            if (ReadBundle(bundle) is not { } found) continue;
            pod ??= new PodRecord { Namespace = found.Pod.Namespace, Name = found.Pod.Name, Uid = uid, StartTime = found.Container.CreatedAt };
            if (pod.Container(found.Container.Name) is { } other && other.Attempt > found.Container.Attempt) continue;
            pod = pod.With(found.Container);
        }
        if (pod is not null) log($"pod {uid}: record rebuilt from {pod.Containers.Count} container(s)");
        return pod;
    }

    private (ContainerRecord Container, (string Namespace, string Name) Pod)? ReadBundle(string bundle)
    {
        try
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(bundle, "config.json")));
            string Annotation(string name) => config.RootElement.GetProperty("annotations").GetProperty(name).GetString()!;
            var id = Path.GetFileName(bundle);
            var pid = int.Parse(File.ReadAllText(Path.Combine(bundle, "pid")).Trim());
            var container = new ContainerRecord
            {
                Name = Annotation("io.kubernetes.container.name"), Id = id, Attempt = int.Parse(Annotation("io.kubernetes.container.restartCount")),
                Image = Annotation("io.kubernetes.image.name"), ImageDigest = Annotation("io.kubernetes.image.digest"),
                CreatedAt = File.GetLastWriteTimeUtc(Path.Combine(bundle, "config.json")), StartedAt = File.GetLastWriteTimeUtc(Path.Combine(bundle, "pid")),
                Process = runtime.ReadExit(id, bundle) is null ? ProcessIdentity.Of(pid) : null,
                Conmon = OciRuntime.ReadConmonPid(bundle) is { } conmon ? ContainerStarter.ConmonOf(conmon, id) : null,
            };
            return (container, (Annotation("io.kubernetes.pod.namespace"), Annotation("io.kubernetes.pod.name")));
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or FormatException)
        {
            log($"{bundle}: not adopted: {e.Message}");
            return null;
        }
    }
}
