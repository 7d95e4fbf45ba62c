using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>
/// Requests and limits → cgroup settings in cgroup v1 units, which runc converts for v2
/// (kubelet, pkg/kubelet/cm/helpers_linux.go).
/// </summary>
internal static class ContainerResources
{
    private const ulong Period = 100_000;
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

    public static OciResources Of(ResourceRequirements? resources, long pidsLimit, bool privileged)
    {
        var memory = Amount(resources?.Limits, "memory")?.Value;
        var cpuLimit = Amount(resources?.Limits, "cpu")?.MilliValue;
        var cpuRequest = (Amount(resources?.Requests, "cpu") ?? Amount(resources?.Limits, "cpu"))?.MilliValue ?? 0;
        return new OciResources
        {
            Devices = privileged ? [new(true, "rwm")] : Devices,
            // Without swap beyond the limit: Kubernetes' default.
            Memory = memory is null ? null : new OciMemory(memory, memory),
            Cpu = new OciCpu(Math.Clamp((ulong)cpuRequest * 1024 / 1000, MinShares, MaxShares),
                cpuLimit is null ? null : Math.Max(cpuLimit.Value * (long)Period / 1000, MinQuota), cpuLimit is null ? null : Period),
            Pids = new OciPids(pidsLimit),
        };
    }

    private static KubeApi.Quantity? Amount(IReadOnlyDictionary<string, KubeApi.Quantity>? amounts, string name) =>
        amounts is not null && amounts.TryGetValue(name, out var quantity) ? quantity : null;
}
