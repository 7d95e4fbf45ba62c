using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>What a container's root may do: capabilities, no_new_privs, hidden and read-only parts of /proc and /sys.</summary>
internal sealed record ContainerPrivileges(bool Privileged, bool NoNewPrivileges, IReadOnlySet<string> Names)
{
    /// <summary>The default set of Docker and containerd.</summary>
    private static readonly string[] Default =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    /// <summary>Hidden from a container that is not privileged (kubelet, pkg/securitycontext, default masked paths).</summary>
    public static readonly IReadOnlyList<string> MaskedPaths =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    public static readonly IReadOnlyList<string> ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>Adding comes first: what is both added and dropped is dropped, ALL but what is named (containerd, WithCapabilities).</summary>
    /// <param name="node">Those that the node has: what ALL and "privileged" mean; default: every capability there is.</param>
    /// <exception cref="ContainerConfigException">There is no such capability.</exception>
    public static ContainerPrivileges Of(SecurityContext? context, IReadOnlySet<string>? node = null)
    {
        var privileged = context?.Privileged == true;
        var (add, drop) = (context?.Capabilities?.Add ?? [], context?.Capabilities?.Drop ?? []);
        IEnumerable<string> all = node ?? (IEnumerable<string>)ProcessCapabilities.All, start = drop.Any(IsAll) ? [] : privileged || add.Any(IsAll) ? all : Default;
        var names = start.ToHashSet();
        names.UnionWith(add.Where(name => !IsAll(name)).Select(Known));
        names.ExceptWith(drop.Where(name => !IsAll(name)).Select(Known));
        return new ContainerPrivileges(privileged, context?.AllowPrivilegeEscalation == false, names);
    }

    /// <summary>Bounding for everyone; effective and permitted for root only, as the kernel would do at exec.</summary>
    public OciCapabilities Capabilities(long uid)
    {
        var names = Names.Order(StringComparer.Ordinal).ToList();
        return new OciCapabilities(names, uid == 0 ? names : [], uid == 0 ? names : []);
    }

    private static bool IsAll(string name) => name.Equals("ALL", StringComparison.OrdinalIgnoreCase);

    private static string Known(string name)
    {
        var full = name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? name.ToUpperInvariant() : $"CAP_{name.ToUpperInvariant()}";
        return ProcessCapabilities.All.Contains(full) ? full : throw new ContainerConfigException($"unknown capability \"{name}\"", "CreateContainerError");
    }
}
