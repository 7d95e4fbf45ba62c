using Linux;

namespace NodeAgent.Doctor;

/// <summary>Kernel settings that the agent makes, and files that would undo them.</summary>
internal static class SettingsCheck
{
    /// <param name="read">A setting by its path below /proc/sys; null: the kernel has none such.</param>
    /// <param name="files">Lines of the files of sysctl.d, each with its file.</param>
    /// <param name="running">The agent is at work: what it sets must be set.</param>
    public static IEnumerable<Finding> Judge(Func<string, string?> read, IEnumerable<(string File, string Line)> files, bool running)
    {
        yield return (read("net/ipv4/ip_forward"), running) switch
        {
            ("1", _) => Finding.Ok("forwarding is on"),
            (_, true) => Finding.Fault("forwarding is off though the agent is running: pods reach nothing beyond this machine", "sysctl -w net.ipv4.ip_forward=1"),
            _ => Finding.Ok("forwarding is off; the agent turns it on"),
        };
        foreach (var (file, line) in files.Where(entry => Setting(entry.Line) is ("net/ipv4/ip_forward" or "net/ipv4/conf/all/forwarding", "0")))
            yield return Finding.Fault($"{file} turns forwarding off again whenever it is read ('{line.Trim()}')", $"sed -i '/{Pattern(line)}/d' {file}");
        if (read("net/bridge/bridge-nf-call-iptables") is { } calls)
            yield return Finding.Ok($"br_netfilter is loaded (bridge-nf-call-iptables {calls}); pods work with it and without");
        if (int.TryParse(read("net/netfilter/nf_conntrack_max"), out var most) && most < 32768)
            yield return Finding.Fault($"only {most} connections are tracked at a time: further ones are dropped", "sysctl -w net.netfilter.nf_conntrack_max=131072");
        if (int.TryParse(read("fs/inotify/max_user_instances"), out var watches) && watches < 128)
            yield return Finding.Note($"fs.inotify.max_user_instances is {watches}: many pods that watch files may fail", "sysctl -w fs.inotify.max_user_instances=512");
    }

    public static IEnumerable<Finding> Examine(bool running) => Judge(Sysctl.Read, Files(), running);

    private static IEnumerable<(string, string)> Files() =>
        from place in new[] { "/usr/lib/sysctl.d", "/run/sysctl.d", "/etc/sysctl.d" } where Directory.Exists(place)
        from file in Directory.GetFiles(place, "*.conf").Order().Concat(place == "/etc/sysctl.d" && File.Exists("/etc/sysctl.conf") ? ["/etc/sysctl.conf"] : [])
        where File.Exists(file) // it may be a link to nothing
        from line in File.ReadLines(file) select (file, line);

    private static (string, string)? Setting(string line) => line.TrimStart() is ['#' or ';', ..] || line.Split('=', 2) is not [var name, var value] ? null
        : (name.Trim().TrimStart('-').Replace('.', '/'), value.Trim());

    private static string Pattern(string line) => line.Trim().Split('=')[0].Trim().Replace(".", "\\.").Replace("/", "\\/");
}
