using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What a node uses now.</summary>
[ApiType("io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics")]
[Kind("metrics.k8s.io", "v1beta1", "NodeMetrics", "nodes", Namespaced = false)]
public sealed record NodeMetrics : KubeObject
{
    /// <summary>End of the time over which CPU was measured.</summary>
    [Field(2, Required = true)]
    public DateTime Timestamp { get; init; }

    /// <summary>Length of that time, e.g. 15s.</summary>
    [Field(3, Required = true)]
    public string Window { get; init; } = "0s";

    /// <summary>CPU on average over the window, memory at its end (working set).</summary>
    [Field(4, Required = true)]
    public IReadOnlyDictionary<string, Quantity> Usage { get; init; } = new Dictionary<string, Quantity>();
}

/// <summary>What the containers of a pod use now.</summary>
[ApiType("io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics")]
[Kind("metrics.k8s.io", "v1beta1", "PodMetrics", "pods")]
public sealed record PodMetrics : KubeObject
{
    /// <summary>End of the time over which CPU was measured.</summary>
    [Field(2, Required = true)]
    public DateTime Timestamp { get; init; }

    /// <summary>Length of that time, e.g. 15s.</summary>
    [Field(3, Required = true)]
    public string Window { get; init; } = "0s";

    /// <summary>Each container that runs.</summary>
    [Field(4, Required = true)]
    public IReadOnlyList<ContainerMetrics> Containers { get; init; } = [];
}

/// <summary>What one container uses now.</summary>
[ApiType("io.k8s.metrics.pkg.apis.metrics.v1beta1.ContainerMetrics")]
public sealed record ContainerMetrics
{
    /// <summary>Name of the container in its pod.</summary>
    [Field(1, Required = true)]
    public string Name { get; init; } = "";

    /// <summary>CPU on average over the window, memory at its end (working set).</summary>
    [Field(2, Required = true)]
    public IReadOnlyDictionary<string, Quantity> Usage { get; init; } = new Dictionary<string, Quantity>();
}
