namespace Linux;

/// <summary>Pure: limits → files of a cgroup and what to write into them, for cgroup v1 and v2.</summary>
internal static class CgroupFiles
{
    private const ulong MinShares = 2, MaxShares = 262144;

    /// <summary>Each with the controller in whose hierarchy it lies.</summary>
    public static IEnumerable<(string Controller, string File, string Value)> Version1(CgroupLimits limits)
    {
        if (limits.CpuShares is { } shares) yield return ("cpu", "cpu.shares", $"{shares}");
        if (limits.CpuQuota is { } quota)
        {
            yield return ("cpu", "cpu.cfs_period_us", $"{limits.CpuPeriod}");
            yield return ("cpu", "cpu.cfs_quota_us", $"{quota}");
        }
        if (limits.Memory is { } memory) yield return ("memory", "memory.limit_in_bytes", $"{memory}");
        if (limits.Pids is { } pids) yield return ("pids", "pids.max", $"{pids}");
    }

    public static IEnumerable<(string Controller, string File, string Value)> Unified(CgroupLimits limits)
    {
        if (limits.CpuShares is { } shares) yield return ("cpu", "cpu.weight", $"{Weight(shares)}");
        if (limits.CpuQuota is { } quota) yield return ("cpu", "cpu.max", $"{quota} {limits.CpuPeriod}");
        if (limits.Memory is { } memory) yield return ("memory", "memory.max", $"{memory}");
        if (limits.Pids is { } pids) yield return ("pids", "pids.max", $"{pids}");
    }

    /// <summary>2..262144 → 1..10000, as runc and the kubelet convert (KEP-2254).</summary>
    internal static ulong Weight(ulong shares) => 1 + (Math.Clamp(shares, MinShares, MaxShares) - MinShares) * 9999 / (MaxShares - MinShares);

    internal static ulong Shares(ulong weight) => MinShares + (weight - 1) * (MaxShares - MinShares) / 9999;
}
