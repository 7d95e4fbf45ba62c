using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>
/// As whom a container runs: runAsUser and runAsGroup, else the image's user, which may be <c>user</c>, <c>uid</c>,
/// <c>user:group</c> or <c>uid:gid</c>; names are looked up in the image's own /etc/passwd and /etc/group.
/// </summary>
internal static class ContainerUser
{
    /// <exception cref="ContainerConfigException">The image does not know the name, or runAsNonRoot forbids the user.</exception>
    public static OciUser Of(Pod pod, Container container, string? imageUser, string rootfs) =>
        Of(pod, container, imageUser, Read(rootfs, "passwd"), Read(rootfs, "group"));

    internal static OciUser Of(Pod pod, Container container, string? imageUser, string passwd, string group)
    {
        var (podContext, context) = (pod.Spec!.SecurityContext, container.SecurityContext);
        var asked = context?.RunAsUser ?? podContext?.RunAsUser;
        var user = Resolve(asked?.ToString() ?? imageUser ?? "", Lines(passwd), Lines(group));
        if ((context?.RunAsNonRoot ?? podContext?.RunAsNonRoot) == true && user.Uid == 0)
            throw new ContainerConfigException("container has runAsNonRoot and image will run as root");
        if ((context?.RunAsGroup ?? podContext?.RunAsGroup) is { } gid) user = user with { Gid = gid };
        return user with { AdditionalGids = [.. user.AdditionalGids!.Concat(podContext?.SupplementalGroups ?? []).Distinct()] };
    }

    private static OciUser Resolve(string text, List<string[]> passwd, List<string[]> group)
    {
        var parts = text.Split(':', 2);
        var entry = passwd.FirstOrDefault(line => line.Length >= 4 && (line[0] == parts[0] || line[2] == parts[0]));
        long uid, gid = 0;
        if (parts[0].Length == 0) uid = 0;
        else if (entry is not null) (uid, gid) = (long.Parse(entry[2]), long.Parse(entry[3]));
        else if (!long.TryParse(parts[0], out uid)) throw new ContainerConfigException($"unable to find user {parts[0]}: no matching entries in the image's /etc/passwd");
        var name = entry?[0] ?? (uid == 0 ? "root" : null);
        if (parts.Length == 2) gid = Group(parts[1], group);
        var further = group.Where(line => line.Length >= 4 && name is not null && line[3].Split(',').Contains(name) && long.TryParse(line[2], out _))
            .Select(line => long.Parse(line[2])).Where(id => id != gid);
        return new OciUser(uid, gid, parts.Length == 2 ? [] : [.. further]);
    }

    private static long Group(string text, List<string[]> group)
    {
        if (long.TryParse(text, out var gid)) return gid;
        var entry = group.FirstOrDefault(line => line.Length >= 3 && line[0] == text);
        return entry is not null && long.TryParse(entry[2], out gid) ? gid
            : throw new ContainerConfigException($"unable to find group {text}: no matching entries in the image's /etc/group");
    }

    private static List<string[]> Lines(string file) =>
        [.. file.Split('\n').Select(line => line.TrimEnd('\r').Split(':')).Where(fields => fields.Length >= 3 && (fields.Length < 7 || long.TryParse(fields[2], out _) && long.TryParse(fields[3], out _)))];

    /// <summary>An image may hold a link that leads out of it: only plain files in plain directories are read.</summary>
    private static string Read(string rootfs, string name)
    {
        var directory = new DirectoryInfo(Path.Combine(rootfs, "etc"));
        var file = new FileInfo(Path.Combine(directory.FullName, name));
        return directory.Exists && directory.LinkTarget is null && file.Exists && file.LinkTarget is null ? File.ReadAllText(file.FullName) : "";
    }
}
