using System.Security.Cryptography;
using KubeApi.Objects;
using Linux;
using NodeAgent.Images;
using NodeAgent.Kubelet;
using NodeAgent.Volumes;

namespace NodeAgent.Containers;

/// <summary>A container does not run; <see cref="Reason"/> and the message go into its waiting state.</summary>
internal sealed class ContainerStartException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>One container from image to running process, and its removal.</summary>
internal sealed class ContainerStarter(NodePaths paths, ImagePuller images, OciRuntime runtime, ContainerSettings settings, KubeletEvents events, NodeVolumes volumes)
{
    /// <summary>Reason of a container that waits for its pod's volumes; it is started anew as soon as they are there.</summary>
    public const string VolumesMissing = "ContainerCreating";

    private readonly ContainerBundle bundles = new(paths, settings, new SharedProcesses(paths, runtime));

    /// <summary>Starting many at once only makes each of them wait for a processor.</summary>
    private readonly SemaphoreSlim turns = new(Math.Max(2, Environment.ProcessorCount * 2));

    /// <returns>The running container; or, where runc could not start its command, the ended one (reason StartError).</returns>
    /// <exception cref="ContainerStartException">It never came so far; nothing is left behind.</exception>
    public async Task<ContainerRecord> Start(Pod pod, ContainerStart start, CancellationToken cancel)
    {
        var container = start.Container;
        if (Unserved.Fields(pod, container) is { Count: > 0 } fields)
            throw new ContainerStartException("CreateContainerConfigError", Unserved.Message(fields));
        try { await volumes.Mount(pod, cancel); }
        catch (VolumesNotMountedException e) { throw new ContainerStartException(VolumesMissing, e.Message); }
        var image = await PullImage(pod, container, cancel);
        await turns.WaitAsync(cancel);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        try
        {
            var spec = await Prepare(pod, start, image, id, cancel);
            return await Run(pod, start, image, id, spec, cancel);
        }
        catch (ContainerConfigException e)
        {
            await Remove(pod.Metadata.Uid!, id);
            events.Record(pod, container, "Warning", "Failed", $"Error: {e.Message}");
            throw new ContainerStartException(e.Reason, e.Message);
        }
        catch (OperationCanceledException)
        {
            await Remove(pod.Metadata.Uid!, id);
            throw;
        }
        catch (Exception e) // whatever refused: nothing may be left behind, for it is tried again
        {
            await Remove(pod.Metadata.Uid!, id);
            events.Record(pod, container, "Warning", "Failed", $"Error: {e.Message}");
            throw new ContainerStartException("CreateContainerError", e.Message);
        }
        finally { turns.Release(); }
    }

    /// <summary>Kills what still runs of it and removes container, mount, layer and bundle; its log stays. May be repeated.</summary>
    public async Task Remove(string uid, string id)
    {
        await runtime.Delete(id, CancellationToken.None);
        var bundle = paths.Bundle(uid, id);
        if (OciRuntime.ReadConmonPid(bundle) is { } pid && ConmonOf(pid, id) is { } conmon) conmon.Signal(LibC.SIGKILL);
        ContainerLayer.Remove(paths.Layer(uid, id), Path.Combine(bundle, "rootfs"));
        VolumeTearDown.RemoveSubPaths(uid, id, paths);
        if (Directory.Exists(bundle)) Directory.Delete(bundle, recursive: true);
        runtime.ForgetExit(id);
    }

    /// <summary>Ids of all containers of which a bundle or a layer is there.</summary>
    public IReadOnlyList<string> Remains(string uid) => [.. new[] { paths.Bundles(uid), paths.Layers(uid) }.Where(Directory.Exists).SelectMany(Directory.GetDirectories)
        .Select(directory => Path.GetFileName(directory)!).Distinct()];

    /// <summary>Ends what a pod's containers shared besides its sandbox; they have ended.</summary>
    public Task ReleaseProcesses(string uid) => new SharedProcesses(paths, runtime).Remove(uid);

    public string TerminationLog(string uid, string id) => TerminationLog(paths, uid, id);

    public static string TerminationLog(NodePaths paths, string uid, string id) => Path.Combine(paths.Bundle(uid, id), "termination-log");

    public string LogPath(Pod pod, string container, int attempt) =>
        Path.Combine(paths.LogDirectory(pod.Namespace, pod.Name, pod.Metadata.Uid!), container, $"{attempt}.log");

    /// <summary>Null if that process is not the conmon of this container.</summary>
    internal static ProcessIdentity? ConmonOf(int pid, string id)
    {
        try { return File.ReadAllText($"/proc/{pid}/cmdline").Contains(id) ? ProcessIdentity.Of(pid) : null; }
        catch (IOException) { return null; }
    }

    private async Task<Image> PullImage(Pod pod, Container container, CancellationToken cancel)
    {
        try
        {
            return await images.Get(pod, container, cancel);
        }
        catch (ImagePullException e) { throw new ContainerStartException(e.Reason, e.Message); }
    }

    private async Task<OciSpec> Prepare(Pod pod, ContainerStart start, Image image, string id, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(LogPath(pod, start.Container.Name, start.Attempt))!);
        Logs.LogSegments.Delete(LogPath(pod, start.Container.Name, start.Attempt - 2)); // the running one's and the previous one's are kept
        return await bundles.Make(pod, start, image, id, cancel);
    }

    private async Task<ContainerRecord> Run(Pod pod, ContainerStart start, Image image, string id, OciSpec spec, CancellationToken cancel)
    {
        var (uid, container) = (pod.Metadata.Uid!, start.Container);
        var record = new ContainerRecord
        {
            Name = container.Name, Id = id, Attempt = start.Attempt, AskedImage = container.Image, Image = image.Name.ToString(), ImageDigest = image.Digest,
            CreatedAt = DateTime.UtcNow, StopSignal = Signals.Number(container.Lifecycle?.StopSignal ?? image.Config.StopSignal), Previous = start.Previous, RestartDelay = start.RestartDelay,
            Health = ContainerHealth.AtStart(container),
        };
        try
        {
            var bundle = paths.Bundle(uid, id);
            var pid = await runtime.Create(new OciContainer(id, bundle, LogPath(pod, container.Name, start.Attempt),
                spec.Process.Terminal, container.Stdin ?? false, container.StdinOnce ?? false), cancel);
            record = record with
            {
                Process = ProcessIdentity.Of(pid),
                Conmon = OciRuntime.ReadConmonPid(bundle) is { } conmon ? ProcessIdentity.Of(conmon) : null,
            };
            Logs.LogLinks.Add(paths, LogPath(pod, container.Name, start.Attempt), pod.Namespace, pod.Name, container.Name, id);
            events.Record(pod, container, "Normal", "Created", $"Created container: {container.Name}");
            // From here on its command may have run: an agent that finds this adopts the container instead of making another.
            File.WriteAllText(PodAdoption.StartedMark(bundle), "");
            await runtime.Start(id, cancel);
            events.Record(pod, container, "Normal", "Started", $"Started container {container.Name}");
            return record with { StartedAt = DateTime.UtcNow };
        }
        catch (OciRuntimeException e)
        {
            await Remove(uid, id);
            events.Record(pod, container, "Warning", "Failed", $"Error: {e.Message}");
            return record with { Exit = new ExitRecord(128, "StartError", e.Message, DateTime.UtcNow) };
        }
    }
}
