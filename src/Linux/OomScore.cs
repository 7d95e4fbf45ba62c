using System.Globalization;

namespace Linux;

/// <summary>The preference with which the kernel kills a process when memory runs out (proc(5), oom_score_adj).</summary>
public static class OomScore
{
    private const int CapSysResource = 24; // linux/capability.h

    /// <summary>
    /// The lowest oom_score_adj that this process may give to a child: without CAP_SYS_RESOURCE, as in an unprivileged
    /// container, it may not go below its own, and a runtime that asks for less does not start the container.
    /// </summary>
    public static int Lowest { get; } = MayLower() ? -1000 : int.Parse(File.ReadAllText("/proc/self/oom_score_adj"), CultureInfo.InvariantCulture);

    private static bool MayLower()
    {
        var effective = File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim();
        return (ulong.Parse(effective, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> CapSysResource & 1) == 1;
    }
}
