using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>
/// What the API said last of each pod, in <c>/run/nodeagent/pods/UID/api.json</c>: so that an agent that is started while
/// the control plane is away can restart and probe containers. In memory (tmpfs) and for root alone; Secrets are not in a pod.
/// </summary>
internal static class KnownPod
{
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The file is whole or absent.</summary>
    public static void Write(NodePaths paths, Pod pod)
    {
        var path = paths.KnownPod(pod.Metadata.Uid!);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var file = new FileStream(path + ".tmp", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = RootOnly }))
            file.Write(KubeJson.Serialize(pod));
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>Null where there is none, or none of use.</summary>
    public static Pod? Read(NodePaths paths, string uid)
    {
        try { return KubeJson.Deserialize<Pod>(File.ReadAllBytes(paths.KnownPod(uid))) is { Spec: not null } pod && pod.Metadata.Uid == uid ? pod : null; }
        catch (Exception e) when (e is IOException or JsonException) { return null; }
    }

    /// <summary>Whether the API says another thing of what the node is to do; its status is the node's own.</summary>
    public static bool Differs(Pod pod, Pod? written) => written is null || pod.Metadata.Generation != written.Metadata.Generation
        || pod.Metadata.DeletionTimestamp != written.Metadata.DeletionTimestamp || pod.Spec!.Containers.Count != written.Spec!.Containers.Count;
}
