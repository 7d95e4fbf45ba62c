using System.Text.RegularExpressions;
using NodeAgent.Kubelet;

namespace NodeAgent.Images;

/// <summary>Which images this machine's containers are made of: those that run, and those that ended and may be started again.</summary>
internal static partial class ImageUse
{
    /// <summary>Digests of their manifests. Of running containers the mounts tell, of others the pods' records.</summary>
    public static IReadOnlySet<string> Digests(NodePaths paths) =>
        Mounted(File.ReadAllText("/proc/self/mountinfo")).Concat(Recorded(paths)).ToHashSet();

    internal static IEnumerable<string> Mounted(string mountinfo) =>
        Unpacked().Matches(mountinfo).Select(match => $"sha256:{match.Groups[1].Value}");

    private static IEnumerable<string> Recorded(NodePaths paths) => !Directory.Exists(paths.RunPods) ? []
        : Directory.GetDirectories(paths.RunPods).Select(pod => StateFile.TryRead<PodRecord>(paths.PodRecord(Path.GetFileName(pod))))
            .SelectMany(record => record?.Containers ?? []).Select(container => container.ImageDigest);

    [GeneratedRegex("/unpacked/([0-9a-f]{64})/rootfs")]
    private static partial Regex Unpacked();
}
