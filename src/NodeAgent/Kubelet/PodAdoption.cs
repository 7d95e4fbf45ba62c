using System.Text.Json;
using Linux;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>
/// Finds again, after a restart of the agent, what it had made for a pod: from the pod's record and, for what that does
/// not name or where it is damaged, from the containers' bundles and processes themselves. Runs once per pod, before its worker.
/// </summary>
internal sealed class PodAdoption(NodePaths paths, ContainerStarter containers, OciRuntime runtime, Action<string> log)
{
    /// <summary>A file in the bundle of every container whose command may have begun.</summary>
    public static string StartedMark(string bundle) => Path.Combine(bundle, "started");

    /// <summary>Pods of which something is on this machine.</summary>
    public IReadOnlyList<string> Uids() => [.. new[] { paths.RunPods, paths.LibPods }.Where(Directory.Exists)
        .SelectMany(Directory.GetDirectories).Select(directory => Path.GetFileName(directory)!).Distinct()];

    /// <summary>Null if nothing is left of the pod that runs. Removes containers that never came to run, and what is left of ended ones.</summary>
    public async Task<PodRecord?> Adopt(string uid)
    {
        var record = StateFile.Read<PodRecord>(paths.PodRecord(uid), log);
        var rebuilt = record is null;
        foreach (var id in Unnamed(uid, record))
        {
            if (await Started(uid, id) is { } bundle && (record?.Container(bundle.Container.Name)?.Attempt ?? -1) < bundle.Container.Attempt)
            {
                // The address is asked of the pod network again.
                record ??= new PodRecord { Namespace = bundle.Namespace, Name = bundle.Pod, Uid = uid, StartTime = bundle.Container.CreatedAt, Sandbox = new SandboxRecord("") };
                record = record.With(Following(bundle.Container, record.Container(bundle.Container.Name), record.SandboxAttempt));
                log($"pod {uid}: container {bundle.Container.Name} (attempt {bundle.Container.Attempt}) found, which its record did not name");
            }
            else await Remove(uid, id);
        }
        if (rebuilt && record is not null) log($"pod {uid}: record rebuilt from {record.Containers.Count} container(s)");
        if (record is null) return null;
        // A hook that its agent did not see the end of counts as done, as for a kubelet.
        record = record with { Containers = [.. record.Containers.Select(container => container with { PostStartPending = false })] };
        try { StateFile.Write(paths.PodRecord(uid), record); }
        catch (IOException e) { log($"pod {uid}: {e.Message}"); } // its worker writes it with the next change
        return record;
    }

    /// <summary>Ids of bundles and layers that are no running container's of the record.</summary>
    private List<string> Unnamed(string uid, PodRecord? record)
    {
        var named = (record?.Containers ?? []).Where(container => container.IsRunning).Select(container => container.Id).ToHashSet();
        return [.. containers.Remains(uid).Where(id => !named.Contains(id))];
    }

    /// <summary>One that cannot be removed now must not keep the node's other pods from being adopted; it goes with its pod.</summary>
    private async Task Remove(string uid, string id)
    {
        if (Directory.Exists(paths.Bundle(uid, id))) log($"pod {uid}: removing container {id[..Math.Min(12, id.Length)]}, which its record does not name");
        try { await containers.Remove(uid, id); }
        catch (Exception e) when (e is OciRuntimeException or IOException or UnauthorizedAccessException) { log($"pod {uid}: {e.Message}"); }
    }

    /// <summary>The agent ended between the container's start and its record: what went before it is still there.</summary>
    private static ContainerRecord Following(ContainerRecord found, ContainerRecord? before, int sandbox) => before?.Exit is null ? found with { Sandbox = sandbox } : found with
    {
        Sandbox = sandbox, Previous = new PreviousContainer(before.Id, before.StartedAt, before.Exit), RestartDelay = RestartBackOff.Next(before.RestartDelay, before.Ran),
    };

    /// <summary>Null if its command cannot have begun.</summary>
    private async Task<(ContainerRecord Container, string Namespace, string Pod)?> Started(string uid, string id)
    {
        var bundle = paths.Bundle(uid, id);
        if (!File.Exists(StartedMark(bundle))) return null;
        if (runtime.ReadExit(id, bundle) is null && (await runtime.List(CancellationToken.None)).All(container => container.Id != id || container.Status == "created")) return null;
        return ReadBundle(bundle);
    }

    private (ContainerRecord Container, string Namespace, string Pod)? ReadBundle(string bundle)
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
                CreatedAt = File.GetLastWriteTimeUtc(Path.Combine(bundle, "config.json")), StartedAt = File.GetLastWriteTimeUtc(StartedMark(bundle)),
                Process = runtime.ReadExit(id, bundle) is null ? ProcessIdentity.Of(pid) : null,
                Conmon = OciRuntime.ReadConmonPid(bundle) is { } conmon ? ContainerStarter.ConmonOf(conmon, id) : null,
            };
            return (container, Annotation("io.kubernetes.pod.namespace"), Annotation("io.kubernetes.pod.name"));
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or FormatException)
        {
            log($"{bundle}: not adopted: {e.Message}");
            return null;
        }
    }
}
