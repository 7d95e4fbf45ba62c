using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace NodeAgent.Images;

/// <summary>What has to do with images on a node, put together.</summary>
internal sealed class NodeImages
{
    /// <summary>Most images that a node's status names (kubelet, --node-status-max-images).</summary>
    private const int MostInStatus = 50;

    private readonly Action<string> log;
    private readonly string authDirectory;
    private readonly Lock reading = new();
    private (DateTime At, IReadOnlyList<ContainerImage> Images)? status;

    /// <param name="extra">Stores that are only read.</param>
    public NodeImages(NodePaths paths, string node, IReadOnlyList<string> extra, ImageOptions options, PullSecrets secrets, KubeletEvents events, Action<string> log)
    {
        (this.log, authDirectory) = (log, paths.RegistryAuth);
        Store = new ImageStore(paths.Images, extra);
        Puller = new ImagePuller(Store, secrets, events, authDirectory) { Queue = new PullQueue(options.ParallelPulls) };
        var self = new Node { Metadata = new ObjectMeta { Name = node } };
        Garbage = new ImageGarbageCollector(Store, () => ImageUse.Digests(paths), options,
            (type, reason, message) => events.Record(self, type, reason, message), log);
    }

    public ImageStore Store { get; }
    public ImagePuller Puller { get; }
    public ImageGarbageCollector Garbage { get; }

    /// <summary>To be called once, before any pull: removes what an agent that was killed left half done, passwords first.</summary>
    public void RemoveAbandoned()
    {
        RegistrySource.RemoveAbandoned(authDirectory);
        if (ImageWorkspace.RemoveAbandoned(Store.Own) is > 0 and var count) log($"removed {count} unfinished image(s) of an earlier run");
    }

    /// <summary>Collects garbage until cancelled.</summary>
    public Task Run(CancellationToken cancel) => Task.WhenAll(Puller.WarmUp(cancel), Garbage.Run(cancel));

    /// <summary>node.status.images: by size, the largest first; each by its digest and its names. The same list as long as no index has changed.</summary>
    public IReadOnlyList<ContainerImage> Status()
    {
        var now = Store.Changed();
        lock (reading)
        {
            if (status is { } known && known.At == now) return known.Images;
            try { status = (now, StatusOf(Store.List())); }
            catch (InvalidDataException e)
            {
                log($"node.status.images stays as it is: {e.Message}");
                status = (now, status?.Images ?? []);
            }
            return status.Value.Images;
        }
    }

    internal static IReadOnlyList<ContainerImage> StatusOf(IEnumerable<StoredImage> stored) =>
        [.. stored.GroupBy(image => image.Digest).Select(group => new ContainerImage
        {
            Names = [.. group.Select(image => $"{Repository(image.Name)}@{image.Digest}").Concat(group.Select(image => image.Name)).Distinct()],
            SizeBytes = group.First().SizeBytes,
        }).OrderByDescending(image => image.SizeBytes).ThenBy(image => image.Names![0], StringComparer.Ordinal).Take(MostInStatus)];

    private static string Repository(string name)
    {
        var rest = name.Split('@')[0];
        var colon = rest.LastIndexOf(':');
        return colon > rest.LastIndexOf('/') ? rest[..colon] : rest;
    }
}
