using System.Globalization;
using Linux;

namespace NodeAgent.Containers;

/// <summary>
/// Resource limits of a container's processes, as containers of containerd have them: those of its systemd unit (a million open
/// files, no limit of processes and core files), as far as the agent's own hard limits go. Named, so that they are the same
/// however the agent was started: the .NET runtime raises its own soft limits, and children inherit.
/// </summary>
internal static class ContainerRlimits
{
    private const ulong Infinity = ulong.MaxValue, OpenFiles = 1048576;

    /// <summary>What this process may give.</summary>
    public static IReadOnlyList<OciRlimit> Of() => Of(File.ReadAllText("/proc/self/limits"));

    /// <param name="limits">As /proc/PID/limits (proc(5)).</param>
    internal static IReadOnlyList<OciRlimit> Of(string limits) =>
    [
        Limit("RLIMIT_NOFILE", Math.Min(OpenFiles, Hard(limits, "Max open files"))),
        Limit("RLIMIT_NPROC", Hard(limits, "Max processes")),
        Limit("RLIMIT_CORE", Hard(limits, "Max core file size")),
    ];

    private static OciRlimit Limit(string type, ulong value) => new(type, value, value);

    private static ulong Hard(string limits, string name)
    {
        var line = limits.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal));
        var hard = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return hard == "unlimited" ? Infinity : ulong.Parse(hard, CultureInfo.InvariantCulture);
    }
}
