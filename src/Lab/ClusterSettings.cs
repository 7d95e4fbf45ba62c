namespace Lab;

/// <summary>What is remembered of a cluster while it is up, in <see cref="ClusterPaths.Settings"/>.</summary>
/// <param name="Port">On 127.0.0.1, where the host reaches the API server; null for a cluster without programs.</param>
/// <param name="Routed">The third node and all after it are behind a router.</param>
internal sealed record ClusterSettings(int Nodes, int? Port, bool Routed = false)
{
    /// <summary>The agents' --proxy-mode; null = their default.</summary>
    public string? ProxyMode { get; init; }
}

/// <summary>What a cluster shall be.</summary>
internal sealed record ClusterOptions
{
    public string Name { get; init; } = "default";

    /// <summary>Null: as many as it has, or two; three where there is a router.</summary>
    public int? Nodes { get; init; }

    /// <summary>By what the nodes get Services into the kernel, iptables or nftables; null: as before, or the agents' default.</summary>
    public string? ProxyMode { get; init; }

    /// <summary>Whether all nodes are on one segment, or the third and those after it behind a router. Null: as it is, or on one.</summary>
    public bool? Routed { get; init; }

    /// <summary>What the machines run; null: nothing but their init.</summary>
    public Programs? Programs { get; init; }

    /// <summary>What a machine runs instead, for a test; called with the machine's name.</summary>
    public Func<string, MachineProgram?>? ProgramOf { get; init; }
}
