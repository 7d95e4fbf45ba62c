using System.Diagnostics;
using Linux;

namespace Lab;

/// <summary>Brings a cluster up: what runs already is left alone, what is missing is made.</summary>
internal sealed class ClusterUp(Cluster cluster, ClusterOptions options, Action<string> progress)
{
    private const int DefaultNodes = 2, DefaultNodesRouted = 3;

    /// <summary>More at a time are not faster, and each takes some processes' memory until it is done.</summary>
    public static readonly int BootsTogether = Math.Max(4, 2 * System.Environment.ProcessorCount);

    private bool routed;

    private readonly ClusterPaths paths = cluster.Paths;
    private readonly Stopwatch clock = Stopwatch.StartNew();

    public async Task Run(CancellationToken cancel)
    {
        routed = IsRouted();
        var nodes = CountNodes();
        options.Programs?.Require();
        RequirePrograms();
        var mode = options.ProxyMode ?? cluster.Settings?.ProxyMode;
        cluster.Write(new ClusterSettings(nodes, cluster.Settings?.Port, routed) { ProxyMode = mode });
        Directory.CreateDirectory(paths.ControlSocketDirectory);
        foreach (var name in Cluster.MachineNames(nodes, routed)) Prepare(name, nodes);
        foreach (var name in Cluster.MachineNames(nodes, routed).Where(IsNode)) SetFlags(name, mode);

        await Task.Run(new Machine(cluster, Cluster.SwitchName).Boot, cancel);
        // Everyone waits for the API server, so its machine does not compete with the others.
        await Task.Run(() => Boot(Cluster.ControlName), cancel);
        await Task.WhenAll(Task.Run(Relay, cancel), Parallel.ForEachAsync(Cluster.MachineNames(nodes, routed).Skip(2),
            new ParallelOptions { MaxDegreeOfParallelism = BootsTogether, CancellationToken = cancel }, async (name, _) => await Boot(name)));
        Say($"cluster {cluster.Name}: control, outside{(routed ? ", router" : "")} and {nodes} nodes are running");
        if (options.Programs is not null) await new Readiness(cluster, Say).Wait(nodes, new NodeJoining(cluster, Say).Run, cancel);
    }

    private void Say(string text) => progress($"{clock.Elapsed.TotalSeconds,6:F2} s  {text}");

    private bool IsRouted()
    {
        var before = cluster.Settings?.Routed;
        if (before is not null && options.Routed is not null && before != options.Routed)
            throw new LabException($"cluster {cluster.Name} has {(before.Value ? "a router" : "no router")}; 'scripts/cluster down' first to have another network");
        return options.Routed ?? before ?? false;
    }

    private int CountNodes()
    {
        var before = cluster.Settings?.Nodes;
        var nodes = options.Nodes ?? before ?? (routed ? DefaultNodesRouted : DefaultNodes);
        if (nodes is < 1 or > AddressPlan.MaxNodes) throw new LabException($"a cluster has 1 to {AddressPlan.MaxNodes} nodes, not {nodes}");
        if (nodes < before) throw new LabException($"cluster {cluster.Name} has {before} nodes already; 'scripts/cluster down' first to have fewer");
        return nodes;
    }

    private static void RequirePrograms()
    {
        foreach (var (program, package) in new[] { ("/usr/bin/tini", "tini"), ("/usr/bin/socat", "socat") })
            if (!File.Exists(program)) throw new LabException($"there is no {program}: apt-get install {package}, or run scripts/setup");
    }

    /// <summary>Disk, files of /etc and the description of a machine; what a running one has open is written through its own root.</summary>
    private void Prepare(string name, int nodes)
    {
        var disk = paths.Disk(name);
        MachineMounts.CreateDisk(disk);
        var etc = new Machine(cluster, name).InitPid is { } running ? $"/proc/{running}/root/etc" : $"{disk}/etc";
        File.WriteAllText($"{etc}/hosts", Hosts(nodes));
        File.WriteAllText($"{etc}/hostname", name + "\n");
        File.WriteAllText($"{etc}/resolv.conf", $"nameserver {AddressPlan.Outside}\n");
        Directory.CreateDirectory($"{etc}/nodeagent", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Spec(name).Write(paths.Spec(name));
    }

    private static bool IsNode(string name) => name.StartsWith("node", StringComparison.Ordinal);

    /// <summary>What a node's agent is told beside its usual command line. One that runs ends, and is started again with it.</summary>
    private void SetFlags(string name, string? mode)
    {
        var machine = new Machine(cluster, name);
        var file = MachineInit.FlagsFile(machine.InitPid is { } running ? $"/proc/{running}/root/etc" : $"{paths.Disk(name)}/etc", Programs.Agent);
        var flags = mode is null ? "" : $"--proxy-mode {mode}\n";
        if (flags == (File.Exists(file) ? File.ReadAllText(file) : "")) return;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, flags);
        if (machine.InitPid is not null && machine.KillProcess(Programs.Agent, LibC.SIGTERM) > 0) Say($"{name}: its agent starts anew in {mode} mode");
    }

    private string Hosts(int nodes) => string.Concat(
        new[] { ("127.0.0.1", "localhost"), (AddressPlan.Control, Cluster.ControlName), (AddressPlan.Outside, Cluster.OutsideName), (AddressPlan.Router, Cluster.RouterName) }
            .Where(host => routed || host.Item2 != Cluster.RouterName)
            .Concat(Enumerable.Range(1, nodes).Select(number => (AddressPlan.Node(number, routed), $"node{number}")))
            .Select(host => $"{host.Item1}\t{host.Item2}\n"));

    private MachineSpec Spec(string name)
    {
        var spec = new MachineSpec
        {
            Name = name,
            Disk = paths.Disk(name),
            Cgroups = cluster.Cgroups.Directories(name),
            SharedDirectories = [.. SharedDirectories(name)],
            Environment = Environment(),
            Program = options.ProgramOf?.Invoke(name) ?? (options.Programs is { } programs ? ProgramOf(programs, name) : null),
        };
        if (name == Cluster.SwitchName) return spec;
        var number = IsNode(name) ? int.Parse(name["node".Length..], System.Globalization.CultureInfo.InvariantCulture) : 0;
        var far = AddressPlan.IsFar(number, routed);
        string[] addresses = name switch
        {
            Cluster.ControlName => [AddressPlan.Control],
            Cluster.OutsideName => [AddressPlan.Outside, AddressPlan.Internet],
            Cluster.RouterName => [AddressPlan.Router],
            _ => [AddressPlan.Node(number, routed)],
        };
        return spec with
        {
            Addresses = [.. addresses.Select(address => $"{address}/24")],
            HardwareAddress = AddressPlan.Hardware(addresses[0]),
            Gateway = name == Cluster.OutsideName ? null : far ? AddressPlan.FarRouter : AddressPlan.Outside,
            IsFar = far,
            FarAddress = name == Cluster.RouterName ? $"{AddressPlan.FarRouter}/24" : null,
            Routes = routed && !far && name != Cluster.RouterName ? [$"{AddressPlan.Far} via {AddressPlan.Router}"] : [],
        };
    }

    private static MachineProgram? ProgramOf(Programs programs, string name) => name switch
    {
        Cluster.ControlName => programs.OfControl(),
        Cluster.SwitchName or Cluster.OutsideName or Cluster.RouterName => null,
        _ => programs.OfNode(name),
    };

    /// <summary>The directory of this program too: its code may be loaded from there until it has become tini.</summary>
    private IEnumerable<SharedDirectory> SharedDirectories(string name)
    {
        var self = AppContext.BaseDirectory.TrimEnd('/');
        yield return new SharedDirectory(self, self, ReadOnly: true);
        if (name == Cluster.ControlName) yield return new SharedDirectory(paths.ControlSocketDirectory, "/run/lab", ReadOnly: false);
        foreach (var directory in options.Programs?.SharedDirectories(name) ?? []) yield return directory;
    }

    private Dictionary<string, string> Environment() => new()
    {
        ["PATH"] = $"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin{options.Programs?.SearchPath}",
        ["HOME"] = "/root",
        ["LANG"] = "C.UTF-8",
        ["DOTNET_ROOT"] = Programs.DotnetRoot,
    };

    private async Task Boot(string name)
    {
        var machine = new Machine(cluster, name);
        if (machine.IsRunning) return;
        await machine.Boot();
        Say($"{name} is running{(machine.Spec.Addresses.Count > 0 ? $", {machine.Address}" : "")}");
    }

    /// <summary>Offers the API server to the host, and writes the kubeconfig that leads to it.</summary>
    private async Task Relay()
    {
        if (options.Programs is not { } programs) return;
        var port = await new Relay(cluster).Start();
        if (!File.Exists(paths.Kubeconfig) || !(await File.ReadAllTextAsync(paths.Kubeconfig)).Contains($":{port}", StringComparison.Ordinal))
            SecretFile.Write(paths.Kubeconfig, await programs.AdminKubeconfig(paths.Disk(Cluster.ControlName), $"https://127.0.0.1:{port}"));
    }
}
