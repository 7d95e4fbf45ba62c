using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>
/// Kernel settings of a pod's own namespaces: which a pod may set (kubelet, pkg/kubelet/sysctl), and which every pod gets.
/// </summary>
/// <param name="allowedUnsafe">Names, or prefixes that end with *, which the node allows besides the safe ones (kubelet, --allowed-unsafe-sysctls).</param>
internal sealed class PodSysctls(IReadOnlyList<string> allowedUnsafe)
{
    /// <summary>They concern nobody but the pod itself (Kubernetes docs, "Safe and Unsafe Sysctls").</summary>
    private static readonly string[] Safe =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ];

    /// <summary>containerd's enable_unprivileged_ports and enable_unprivileged_icmp: in a network of its own, nobody need be root for port 80 or a ping.</summary>
    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["net.ipv4.ip_unprivileged_port_start"] = "0", ["net.ipv4.ping_group_range"] = "0 2147483647",
    };

    /// <summary>Why the pod must not run here; null: it may.</summary>
    public string? Problem(Pod pod) =>
        (pod.Spec!.SecurityContext?.Sysctls ?? []).Select(sysctl => Problem(pod.Spec, Dotted(sysctl.Name))).FirstOrDefault(problem => problem is not null);

    /// <summary>All that are to be set in the pod's namespaces, by dotted name.</summary>
    public static IReadOnlyDictionary<string, string> Of(PodSpec spec)
    {
        var result = new Dictionary<string, string>(spec.HostNetwork == true ? [] : Defaults);
        foreach (var sysctl in spec.SecurityContext?.Sysctls ?? []) result[Dotted(sysctl.Name)] = sysctl.Value;
        return result;
    }

    private string? Problem(PodSpec spec, string name)
    {
        if (!Safe.Contains(name) && !allowedUnsafe.Select(Dotted).Any(pattern => pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern))
            return $"\"{name}\" not allowlisted";
        if (spec.HostNetwork == true && name.StartsWith("net.", StringComparison.Ordinal)) return $"\"{name}\" not allowed with host net enabled";
        if (spec.HostIPC == true && IsIpc(name)) return $"\"{name}\" not allowed with host ipc enabled";
        return null;
    }

    /// <summary>Settings that belong to an IPC namespace (ipc_namespaces(7)).</summary>
    private static bool IsIpc(string name) =>
        name == "kernel.sem" || new[] { "kernel.shm", "kernel.msg", "fs.mqueue." }.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>sysctl(8) takes slashes for dots and dots for slashes; what comes first says which it is.</summary>
    internal static string Dotted(string name)
    {
        var first = name.IndexOfAny(['.', '/']);
        return first < 0 || name[first] == '.' ? name : string.Concat(name.Select(c => c switch { '/' => '.', '.' => '/', _ => c }));
    }
}
