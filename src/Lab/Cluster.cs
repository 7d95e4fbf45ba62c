using System.Text.Json;

namespace Lab;

/// <summary>
/// A cluster of machines made of namespaces on this host. What exists is asked of the kernel and of files each time, so that any number of
/// commands and tests may look at the same cluster.
/// </summary>
internal sealed class Cluster
{
    public const string SwitchName = "switch", ControlName = "control", OutsideName = "outside", RouterName = "router";

    public Cluster(string name)
    {
        if (!ClusterPaths.IsName(name)) throw new ArgumentException($"'{name}' is no name for a cluster: use at most 32 of a-z, 0-9 and -");
        (Name, Paths, Cgroups) = (name, new ClusterPaths(name), new Cgroups(name));
    }

    public string Name { get; }

    internal ClusterPaths Paths { get; }

    internal Cgroups Cgroups { get; }

    /// <summary>Null when the cluster is down.</summary>
    internal ClusterSettings? Settings
    {
        get
        {
            try { return JsonSerializer.Deserialize(File.ReadAllText(Paths.Settings), LabJson.Default.ClusterSettings); }
            catch (Exception absent) when (absent is IOException or JsonException) { return null; }
        }
    }

    internal void Write(ClusterSettings settings)
    {
        Directory.CreateDirectory(Paths.Run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Paths.Settings, JsonSerializer.Serialize(settings, LabJson.Default.ClusterSettings));
    }

    /// <summary>The switch, control, outside, the router where there is one, and the nodes, in this order.</summary>
    public IReadOnlyList<Machine> Machines => [.. MachineNames(Settings?.Nodes ?? 0, Settings?.Routed ?? false).Select(name => new Machine(this, name))];

    internal static IEnumerable<string> MachineNames(int nodes, bool routed) =>
        [SwitchName, ControlName, OutsideName, .. routed ? [RouterName] : Array.Empty<string>(), .. Enumerable.Range(1, nodes).Select(number => $"node{number}")];

    public Machine Control => new(this, ControlName);

    public Machine Outside => new(this, OutsideName);

    /// <param name="number">From 1.</param>
    public Machine Node(int number) => new(this, $"node{number}");

    public IReadOnlyList<Machine> Nodes => [.. Enumerable.Range(1, Settings?.Nodes ?? 0).Select(Node)];

    /// <summary>For kubectl on the host.</summary>
    public string KubeconfigPath => Paths.Kubeconfig;

    /// <summary>Null when it is off.</summary>
    internal Switch? Switch => new Machine(this, SwitchName).InitPid is { } pid ? new Switch(pid) : null;

    /// <exception cref="LabException">There is no such machine, or the cluster is down.</exception>
    public Machine Machine(string name) =>
        Machines.FirstOrDefault(machine => machine.Name == name) ?? throw new LabException(Settings is null
            ? $"cluster {Name} is down; 'scripts/cluster up' brings it up"
            : $"cluster {Name} has no machine {name}; it has {string.Join(", ", Machines.Select(machine => machine.Name))}");

    /// <summary>Makes the cluster as <paramref name="options"/> say, or completes what is there of it.</summary>
    /// <param name="progress">Told each step, for a person.</param>
    /// <exception cref="LabException">Something is missing; says what.</exception>
    public static async Task<Cluster> Up(ClusterOptions options, Action<string>? progress = null, CancellationToken cancel = default)
    {
        var cluster = new Cluster(options.Name);
        using var held = await ClusterLock.Take(options.Name, progress ?? (_ => { }));
        await new ClusterUp(cluster, options, progress ?? (_ => { })).Run(cancel);
        return cluster;
    }

    /// <summary>Ends it and removes every trace of it; whatever is gone already, or was half made, is fine.</summary>
    public async Task Down(Action<string>? progress = null)
    {
        using var held = await ClusterLock.Take(Name, progress ?? (_ => { }));
        await Cgroups.Remove();
        await Paths.Remove();
    }
}
