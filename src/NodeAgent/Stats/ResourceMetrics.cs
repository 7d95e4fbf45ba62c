using System.Globalization;
using System.Text;

namespace NodeAgent.Stats;

/// <summary>CPU and memory in Prometheus' text format, under the kubelet's names (/metrics/resource, KEP-1558). Pure.</summary>
internal static class ResourceMetrics
{
    private sealed record Value(string Labels, double Number, DateTime Time);

    public static string Render(Summary summary)
    {
        var text = new StringBuilder();
        var pods = summary.Pods.Select(pod => (pod, Labels: $"{{namespace=\"{pod.PodRef.Namespace}\",pod=\"{pod.PodRef.Name}\"}}")).ToList();
        var containers = summary.Pods.SelectMany(pod => pod.Containers.Select(container =>
            (container, Labels: $"{{container=\"{container.Name}\",namespace=\"{pod.PodRef.Namespace}\",pod=\"{pod.PodRef.Name}\"}}"))).ToList();
        Add(text, "container_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the container in core-seconds", containers.Select(entry => Cpu(entry.Labels, entry.container.Cpu)));
        Add(text, "container_memory_working_set_bytes", "gauge", "Current working set of the container in bytes", containers.Select(entry => Memory(entry.Labels, entry.container.Memory)));
        Add(text, "container_start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds",
            containers.Select(entry => entry.container is { StartTime: { } start, Cpu: { } cpu } ? new Value(entry.Labels, (start - DateTime.UnixEpoch).TotalSeconds, cpu.Time) : null));
        Add(text, "node_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the node in core-seconds", [Cpu("", summary.Node.Cpu)]);
        Add(text, "node_memory_working_set_bytes", "gauge", "Current working set of the node in bytes", [Memory("", summary.Node.Memory)]);
        Add(text, "pod_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the pod in core-seconds", pods.Select(entry => Cpu(entry.Labels, entry.pod.Cpu)));
        Add(text, "pod_memory_working_set_bytes", "gauge", "Current working set of the pod in bytes", pods.Select(entry => Memory(entry.Labels, entry.pod.Memory)));
        return text.Append("# HELP resource_scrape_error [STABLE] 1 if there was an error while getting container metrics, 0 otherwise\n# TYPE resource_scrape_error gauge\nresource_scrape_error 0\n").ToString();
    }

    private static Value? Cpu(string labels, CpuStats? cpu) => cpu is null ? null : new Value(labels, cpu.UsageCoreNanoSeconds / 1e9, cpu.Time);

    private static Value? Memory(string labels, MemoryStats? memory) => memory is null ? null : new Value(labels, memory.WorkingSetBytes, memory.Time);

    private static void Add(StringBuilder text, string name, string type, string help, IEnumerable<Value?> values)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} [STABLE] {help}\n# TYPE {name} {type}\n");
        foreach (var value in values.OfType<Value>())
            text.Append(CultureInfo.InvariantCulture, $"{name}{value.Labels} {value.Number} {(long)(value.Time - DateTime.UnixEpoch).TotalMilliseconds}\n");
    }
}
