using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>
/// Requests and limits → cgroup settings in cgroup v1 units, which runc converts for v2
/// (kubelet, pkg/kubelet/cm/helpers_linux.go).
/// </summary>
internal static class ContainerResources
{
    /// <summary>Microseconds.</summary>
    public const ulong Period = 100_000;

    private const long MinQuota = 1000;
    private const ulong MinShares = 2, MaxShares = 262144;

    /// <summary>What every container may use: null, zero, full, random, urandom, tty, console, ptys (containerd, pkg/oci).</summary>
    private static readonly OciDeviceRule[] Devices =
    [
        new(false, "rwm"),
        new(true, "m", "c"), new(true, "m", "b"),
        new(true, "rwm", "c", 1, 3), new(true, "rwm", "c", 1, 5), new(true, "rwm", "c", 1, 7), new(true, "rwm", "c", 1, 8),
        new(true, "rwm", "c", 1, 9), new(true, "rwm", "c", 5, 0), new(true, "rwm", "c", 5, 1), new(true, "rwm", "c", 5, 2),
        new(true, "rwm", "c", 136, -1),
    ];

    /// <summary>Where one process of a container is killed for lack of memory, the others are too (kubelet, singleProcessOOMKill: false): half a program helps nobody.</summary>
    private static readonly Dictionary<string, string> KilledTogether = new() { ["memory.oom.group"] = "1" };

    /// <param name="unified">The node has cgroup v2; v1 kills single processes only.</param>
    public static OciResources Of(ResourceRequirements? resources, bool privileged, bool unified)
    {
        var memory = Amount(resources?.Limits, "memory")?.Value;
        var cpuLimit = Amount(resources?.Limits, "cpu")?.MilliValue;
        var cpuRequest = (Amount(resources?.Requests, "cpu") ?? Amount(resources?.Limits, "cpu"))?.MilliValue ?? 0;
        return new OciResources
        {
            Devices = privileged ? [new(true, "rwm")] : Devices,
            // Without swap beyond the limit: Kubernetes' default.
            Memory = memory is null or 0 ? null : new OciMemory(memory, memory),
            Cpu = new OciCpu(Shares(cpuRequest), cpuLimit is null or 0 ? null : Quota(cpuLimit.Value), cpuLimit is null or 0 ? null : Period),
            Unified = unified ? KilledTogether : null,
        };
    }

    /// <param name="milliCpu">Thousandths of a processor.</param>
    public static ulong Shares(long milliCpu) => Math.Clamp((ulong)milliCpu * 1024 / 1000, MinShares, MaxShares);

    /// <inheritdoc cref="Shares"/>
    public static long Quota(long milliCpu) => Math.Max(milliCpu * (long)Period / 1000, MinQuota);

    private static KubeApi.Quantity? Amount(IReadOnlyDictionary<string, KubeApi.Quantity>? amounts, string name) =>
        amounts is not null && amounts.TryGetValue(name, out var quantity) ? quantity : null;
}
