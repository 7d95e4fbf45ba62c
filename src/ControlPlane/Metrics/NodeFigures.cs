using System.Text.Json;
using KubeApi;

namespace ControlPlane.Metrics;

/// <summary>What a node's agent says it uses: the part of the Summary API that is read here (k8s.io/kubelet, pkg/apis/stats/v1alpha1).</summary>
internal sealed record NodeFigures(NodeFigures.Usage? Node, IReadOnlyDictionary<string, IReadOnlyList<NodeFigures.Usage>> Pods)
{
    /// <summary>Of a node or a container.</summary>
    /// <param name="Window">Over which CPU was measured, until <paramref name="Time"/>.</param>
    internal sealed record Usage(string Name, long NanoCores, long WorkingSet, DateTime Time, TimeSpan Window)
    {
        public IReadOnlyDictionary<string, Quantity> Amounts { get; } = new Dictionary<string, Quantity>
        {
            ["cpu"] = Quantity.Parse($"{NanoCores}n"), ["memory"] = Quantity.OfBytes(WorkingSet),
        };

        /// <summary>As Go prints a duration.</summary>
        public string WindowText => $"{Math.Round(Window.TotalSeconds, 3).ToString(System.Globalization.CultureInfo.InvariantCulture)}s";
    }

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private sealed record SummaryPart(Measured? Node, IReadOnlyList<PodPart>? Pods);

    private sealed record PodPart(PodReference? PodRef, IReadOnlyList<Measured>? Containers);

    private sealed record PodReference(string? Uid);

    private sealed record Measured(string? Name, CpuPart? Cpu, MemoryPart? Memory);

    private sealed record CpuPart(DateTime Time, long? UsageNanoCores, double? WindowSeconds);

    private sealed record MemoryPart(long? WorkingSetBytes);

    /// <exception cref="JsonException">It is no summary.</exception>
    public static async Task<NodeFigures> Read(Stream json, CancellationToken cancel)
    {
        var summary = await JsonSerializer.DeserializeAsync<SummaryPart>(json, Json, cancel) ?? throw new JsonException("null is no summary");
        var pods = new Dictionary<string, IReadOnlyList<Usage>>();
        foreach (var pod in summary.Pods ?? [])
        {
            var containers = (pod.Containers ?? []).Select(Of).ToList();
            // A pod of which not all is known would look smaller than it is.
            if (pod.PodRef?.Uid is { } uid && containers.Count > 0 && containers.All(container => container is not null)) pods[uid] = [.. containers.Select(container => container!)];
        }
        return new NodeFigures(summary.Node is { } node ? Of(node) : null, pods);
    }

    private static Usage? Of(Measured measured) => measured is { Cpu.UsageNanoCores: { } cores and >= 0, Memory.WorkingSetBytes: { } memory and >= 0 }
        ? new Usage(measured.Name ?? "", cores, memory, measured.Cpu.Time, TimeSpan.FromSeconds(Math.Clamp(measured.Cpu.WindowSeconds ?? 0, 0, 3600))) : null;
}
