using System.Text;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Containers;

namespace NodeAgent.Volumes;

/// <summary>What a volume holds now.</summary>
/// <param name="Until">When it is to be looked at again though nothing has changed: a token in it grows old.</param>
internal sealed record VolumeContent(IReadOnlyDictionary<string, VolumeFile> Files, DateTime? Until = null);

/// <summary>A Secret, ConfigMap, downwardAPI or projected volume → its files (kubelet, pkg/volume/{secret,configmap,downwardapi,projected}).</summary>
/// <param name="allocatable">What the node can give: a limit of a container that has none.</param>
internal sealed class VolumeContents(NodeObjects objects, PodTokens tokens, IReadOnlyDictionary<string, Quantity> allocatable)
{
    /// <summary>API default of every defaultMode: 0644.</summary>
    private const int DefaultMode = 0b110_100_100;

    /// <summary>0600: of a token that is somebody's in particular.</summary>
    private const int OwnersMode = 0b110_000_000;

    /// <exception cref="VolumeException">Something that it needs is missing; with all that is.</exception>
    /// <exception cref="IOException">The server does not answer.</exception>
    public async Task<VolumeContent> Of(Pod pod, Volume volume, CancellationToken cancel) => volume switch
    {
        { Secret: { } secret } => new(KeyFiles.Of(await objects.Secret(pod.Namespace, secret.SecretName ?? "", cancel), secret.SecretName,
            secret.Items, secret.DefaultMode ?? DefaultMode, secret.Optional == true)),
        { ConfigMap: { } map } => new(KeyFiles.Of(await objects.ConfigMap(pod.Namespace, map.Name ?? "", cancel), map.Name,
            map.Items, map.DefaultMode ?? DefaultMode, map.Optional == true)),
        { DownwardAPI: { } fields } => new(OfPod(pod, fields.Items, fields.DefaultMode ?? DefaultMode)),
        { Projected: { } projected } => await Projected(pod, projected, cancel),
        _ => throw new VolumeException($"volume \"{volume.Name}\" holds no data of the API"),
    };

    private async Task<VolumeContent> Projected(Pod pod, ProjectedVolumeSource projected, CancellationToken cancel)
    {
        var files = new Dictionary<string, VolumeFile>();
        var faults = new List<string>();
        DateTime? until = null;
        foreach (var source in projected.Sources ?? [])
        {
            try
            {
                var part = await Source(pod, source, projected.DefaultMode ?? DefaultMode, cancel);
                foreach (var (path, file) in part.Files) files[path] = file;
                if (part.Until < (until ?? DateTime.MaxValue)) until = part.Until;
            }
            catch (VolumeException e) { faults.Add(e.Message); }
        }
        if (faults.Count > 0) throw new VolumeException(faults.Count == 1 ? faults[0] : $"[{string.Join(", ", faults.Distinct())}]");
        return new VolumeContent(files, until);
    }

    private async Task<VolumeContent> Source(Pod pod, VolumeProjection source, int mode, CancellationToken cancel) => source switch
    {
        { Secret: { } secret } => new(KeyFiles.Of(await objects.Secret(pod.Namespace, secret.Name ?? "", cancel), secret.Name, secret.Items, mode, secret.Optional == true)),
        { ConfigMap: { } map } => new(KeyFiles.Of(await objects.ConfigMap(pod.Namespace, map.Name ?? "", cancel), map.Name, map.Items, mode, map.Optional == true)),
        { DownwardAPI: { } fields } => new(OfPod(pod, fields.Items, mode)),
        { ServiceAccountToken: { } token } => await Token(pod, token, mode, cancel),
        { ClusterTrustBundle: not null } => throw new VolumeException("clusterTrustBundle: not served by this version of the node agent"),
        { PodCertificate: not null } => throw new VolumeException("podCertificate: not served by this version of the node agent"),
        _ => new(new Dictionary<string, VolumeFile>()),
    };

    private async Task<VolumeContent> Token(Pod pod, ServiceAccountTokenProjection wanted, int mode, CancellationToken cancel)
    {
        var token = await tokens.Get(pod, wanted, cancel);
        var owner = CommonUser(pod.Spec!);
        if (owner is not null || pod.Spec!.SecurityContext?.FsGroup is not null) mode = OwnersMode;
        return new VolumeContent(new Dictionary<string, VolumeFile> { [wanted.Path] = new(Encoding.UTF8.GetBytes(token.Text), mode, owner) }, token.RefreshAt);
    }

    private Dictionary<string, VolumeFile> OfPod(Pod pod, IReadOnlyList<DownwardAPIVolumeFile>? items, int mode)
    {
        var files = new Dictionary<string, VolumeFile>();
        foreach (var item in items ?? [])
            try { files[item.Path] = new VolumeFile(Encoding.UTF8.GetBytes(Value(pod, item)), item.Mode ?? mode); }
            catch (ContainerConfigException e) { throw new VolumeException(e.Message); }
        return files;
    }

    private string Value(Pod pod, DownwardAPIVolumeFile item)
    {
        if (item.FieldRef is { } field) return PodField.Value(pod, field.FieldPath);
        if (item.ResourceFieldRef is not { } resource) return "";
        var container = pod.Spec!.Containers.Concat(pod.Spec.InitContainers ?? []).FirstOrDefault(entry => entry.Name == resource.ContainerName)
            ?? throw new VolumeException($"container {resource.ContainerName} not found");
        return ResourceField.Value(container, resource, allocatable);
    }

    /// <summary>The runAsUser that all containers have; null where they differ or one has none (kubelet, FsUserFrom).</summary>
    internal static long? CommonUser(PodSpec spec)
    {
        var users = spec.Containers.Concat(spec.InitContainers ?? []).Select(container => container.SecurityContext?.RunAsUser ?? spec.SecurityContext?.RunAsUser).Distinct().ToList();
        return users is [{ } user] ? user : null;
    }
}
