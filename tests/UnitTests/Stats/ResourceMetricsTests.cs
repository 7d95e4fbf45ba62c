using Linux;
using NodeAgent.Stats;

namespace UnitTests.Stats;

public class ResourceMetricsTests
{
    private static readonly DateTime T = new(2026, 3, 1, 10, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Prometheus_text_has_the_kubelet_s_names()
    {
        var (cpu, memory) = (new CpuStats(T, 5, 1_500_000_000, 15), new MemoryStats(T, null, 2000, 1000, 500, 1, 0));
        var text = ResourceMetrics.Render(new Summary(new NodeSummary("n", T, cpu, memory),
            [new PodSummary(new PodReference("p", "default", "u"), T, [new ContainerSummary("c", T.AddSeconds(0.5), cpu, memory)], cpu, memory)]));
        Assert.Equal("""
            # HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds
            # TYPE container_cpu_usage_seconds_total counter
            container_cpu_usage_seconds_total{container="c",namespace="default",pod="p"} 1.5 1772359200000
            # HELP container_memory_working_set_bytes [STABLE] Current working set of the container in bytes
            # TYPE container_memory_working_set_bytes gauge
            container_memory_working_set_bytes{container="c",namespace="default",pod="p"} 1000 1772359200000
            # HELP container_start_time_seconds [STABLE] Start time of the container since unix epoch in seconds
            # TYPE container_start_time_seconds gauge
            container_start_time_seconds{container="c",namespace="default",pod="p"} 1772359200.5 1772359200000
            # HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the node in core-seconds
            # TYPE node_cpu_usage_seconds_total counter
            node_cpu_usage_seconds_total 1.5 1772359200000
            # HELP node_memory_working_set_bytes [STABLE] Current working set of the node in bytes
            # TYPE node_memory_working_set_bytes gauge
            node_memory_working_set_bytes 1000 1772359200000
            # HELP pod_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the pod in core-seconds
            # TYPE pod_cpu_usage_seconds_total counter
            pod_cpu_usage_seconds_total{namespace="default",pod="p"} 1.5 1772359200000
            # HELP pod_memory_working_set_bytes [STABLE] Current working set of the pod in bytes
            # TYPE pod_memory_working_set_bytes gauge
            pod_memory_working_set_bytes{namespace="default",pod="p"} 1000 1772359200000
            # HELP resource_scrape_error [STABLE] 1 if there was an error while getting container metrics, 0 otherwise
            # TYPE resource_scrape_error gauge
            resource_scrape_error 0

            """, text);
    }

    [Fact]
    public void Links_are_read_also_where_number_and_name_touch() => Assert.Equal(
        [new InterfaceCounters("lo", 100, 1, 300, 3), new InterfaceCounters("eth0", 4000000000, 0, 7, 0)],
        InterfaceCounters.Parse([
            "Inter-|   Receive                                                |  Transmit",
            " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
            "    lo:     100       2    1    0    0     0          0         0      300       2    3    0    0     0       0          0",
            "  eth0:4000000000    2    0    0    0     0          0         0        7       2    0    0    0     0       0          0",
        ]));

    [Fact]
    public void Memory_of_the_machine() => Assert.Equal(new MachineMemory(2048, 1024, 512 * 1024, 0) with { Total = 2048 * 1024, Free = 1024 * 1024 },
        MachineMemory.Parse(["MemTotal:  2048 kB", "MemFree: 1024 kB", "MemAvailable: 512 kB", "HugePages_Total: 0"]));
}
