using System.Text.Json;
using System.Text.Json.Serialization;
using NodeAgent.Server;

namespace NodeAgent.Stats;

/// <summary><c>/stats/summary</c> and <c>/metrics/resource</c> at the node's port.</summary>
internal sealed class StatsEndpoints(NodeStats stats)
{
    internal static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>With <c>?only_cpu_and_memory=true</c> without disks and networks.</summary>
    public async Task Summary(NodeRequest request)
    {
        request.Require("GET", "POST");
        request.Http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(request.Http.Response.Body, stats.Read(everything: !request.Flag("only_cpu_and_memory")), Json, request.Aborted);
    }

    /// <summary>For Prometheus.</summary>
    public Task Resources(NodeRequest request)
    {
        request.Require("GET");
        return request.Text(ResourceMetrics.Render(stats.Read(everything: false)));
    }
}
