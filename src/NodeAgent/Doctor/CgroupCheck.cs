using Linux;

namespace NodeAgent.Doctor;

/// <summary>Whether limits of pods can be set.</summary>
internal static class CgroupCheck
{
    /// <param name="unified">Version 2.</param>
    /// <param name="controllers">Those that the kernel offers; with version 1 those that are mounted.</param>
    public static IEnumerable<Finding> Judge(bool unified, IReadOnlyCollection<string> controllers)
    {
        if (controllers.Count == 0)
        {
            yield return Finding.Fault("no cgroups are mounted", "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
            yield break;
        }
        yield return Finding.Ok($"version {(unified ? 2 : 1)}: {string.Join(' ', controllers)}");
        string[] needed = unified ? ["cpu", "memory", "pids"] : ["cpu", "memory", "pids", "devices"]; // version 2 confines devices by programs of its own
        foreach (var controller in needed.Except(controllers))
            yield return Finding.Fault($"no cgroup controller {controller}: limits of pods would have no effect", unified
                ? $"boot without cgroup_disable={controller} (/etc/default/grub, then update-grub and reboot){(controller == "memory" ? "; on a Raspberry Pi with cgroup_enable=memory" : "")}"
                : $"mkdir -p /sys/fs/cgroup/{controller} && mount -t cgroup -o {controller} cgroup /sys/fs/cgroup/{controller}");
    }

    public static IEnumerable<Finding> Examine() => Judge(Cgroups.IsUnified, Cgroups.IsUnified
        ? File.ReadAllText("/sys/fs/cgroup/cgroup.controllers").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        : [.. Cgroups.Hierarchies().SelectMany(place => Path.GetFileName(place).Split(','))]);
}
