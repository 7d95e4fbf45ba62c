using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>
/// As whom a container runs: runAsUser and runAsGroup, else the image's user, which may be <c>user</c>, <c>uid</c>,
/// <c>user:group</c> or <c>uid:gid</c>; names are looked up in the image's own /etc/passwd and /etc/group.
/// </summary>
internal static class ContainerUser
{
    private const int LongestFile = 1 << 20;

    /// <exception cref="ContainerConfigException">The image does not know the name, or runAsNonRoot forbids the user.</exception>
    public static OciUser Of(Pod pod, Container container, string? imageUser, string rootfs) => Of(pod, container, imageUser,
        PathInRoot.ReadText(rootfs, "etc/passwd", LongestFile) ?? "", PathInRoot.ReadText(rootfs, "etc/group", LongestFile) ?? "");

    internal static OciUser Of(Pod pod, Container container, string? imageUser, string passwd, string group)
    {
        var (podContext, context) = (pod.Spec!.SecurityContext, container.SecurityContext);
        var asked = context?.RunAsUser ?? podContext?.RunAsUser;
        if ((context?.RunAsNonRoot ?? podContext?.RunAsNonRoot) == true) RefuseRoot(pod, container, asked, imageUser);
        var user = Resolve(asked?.ToString() ?? imageUser ?? "", Lines(passwd, 4), Lines(group, 3));
        if ((context?.RunAsGroup ?? podContext?.RunAsGroup) is { } gid) user = user with { Gid = gid };
        // Whoever has the first group has it among the others too, so that it cannot be got rid of (CVE-2022-36109).
        var ofImage = podContext?.SupplementalGroupsPolicy == "Strict" ? [] : user.AdditionalGids ?? [];
        long[] ofVolumes = podContext?.FsGroup is { } fsGroup ? [fsGroup] : [];
        return user with { AdditionalGids = [.. ofImage.Prepend(user.Gid).Concat(ofVolumes).Concat(podContext?.SupplementalGroups ?? []).Distinct()] };
    }

    /// <summary>kubelet, verifyRunAsNonRoot: a name proves nothing, the image's passwd is anybody's.</summary>
    private static void RefuseRoot(Pod pod, Container container, long? asked, string? imageUser)
    {
        var where = $"(pod: \"{pod.Name}_{pod.Namespace}({pod.Metadata.Uid})\", container: {container.Name})";
        if (asked is { } uid)
        {
            if (uid == 0) throw new ContainerConfigException($"container's runAsUser breaks non-root policy {where}");
            return;
        }
        var user = (imageUser ?? "").Split(':')[0];
        if (user.Length == 0 || long.TryParse(user, out uid) && uid == 0) throw new ContainerConfigException($"container has runAsNonRoot and image will run as root {where}");
        if (!long.TryParse(user, out _))
            throw new ContainerConfigException($"container has runAsNonRoot and image has non-numeric user ({user}), cannot verify user is non-root {where}");
    }

    private static OciUser Resolve(string text, List<string[]> passwd, List<string[]> group)
    {
        var parts = text.Split(':', 2);
        var entry = parts[0].Length == 0 ? null : passwd.FirstOrDefault(line => line[0] == parts[0]) ?? passwd.FirstOrDefault(line => line[2] == parts[0]);
        long uid = 0, gid = 0;
        if (entry is not null && (!Id(entry[2], out uid) || !Id(entry[3], out gid))) entry = null;
        if (entry is null && parts[0].Length > 0 && !Id(parts[0], out uid))
            throw new ContainerConfigException($"unable to find user {parts[0]}: no matching entries in passwd file", "CreateContainerError");
        if (parts.Length == 2) gid = Group(parts[1], group);
        var name = entry?[0] ?? (uid == 0 ? "root" : null);
        var further = group.Where(line => line.Length >= 4 && name is not null && line[3].Split(',').Contains(name)).Select(line => Id(line[2], out var id) ? id : -1).Where(id => id >= 0);
        return new OciUser(uid, gid, [.. further]);
    }

    private static long Group(string text, List<string[]> group)
    {
        if (Id(text, out var gid)) return gid;
        return group.FirstOrDefault(line => line[0] == text) is { } entry && Id(entry[2], out gid) ? gid
            : throw new ContainerConfigException($"unable to find group {text}: no matching entries in group file", "CreateContainerError");
    }

    /// <summary>As runc takes them: up to 2^31 - 1.</summary>
    private static bool Id(string text, out long id) => long.TryParse(text, System.Globalization.NumberStyles.None, null, out id) && id <= int.MaxValue;

    private static List<string[]> Lines(string file, int fields) =>
        [.. file.Split('\n').Select(line => line.TrimEnd('\r').Split(':')).Where(line => line.Length >= fields && line[0].Length > 0)];
}
