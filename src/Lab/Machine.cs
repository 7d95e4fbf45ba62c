using System.Diagnostics;
using System.Globalization;
using Linux;

namespace Lab;

/// <summary>One machine of a cluster; all its methods may be called again and again, in any state.</summary>
internal sealed class Machine
{
    private readonly Cluster cluster;

    internal Machine(Cluster cluster, string name) => (this.cluster, Name) = (cluster, name);

    /// <summary>control, node1 … nodeN, outside or switch.</summary>
    public string Name { get; }

    private ClusterPaths Paths => cluster.Paths;

    internal MachineSpec Spec => MachineSpec.Read(Paths.Spec(Name));

    /// <summary>On the node network.</summary>
    public string Address => Spec.Addresses[0].Split('/')[0];

    /// <summary>The process 1 of the machine, as the host counts; null when the machine is off.</summary>
    public int? InitPid
    {
        get
        {
            try
            {
                var fields = File.ReadAllText(Paths.Init(Name)).Split(' ');
                var identity = new ProcessIdentity(int.Parse(fields[0], CultureInfo.InvariantCulture), ulong.Parse(fields[1], CultureInfo.InvariantCulture));
                // A process that is about to end has no files any more.
                return identity.IsAlive && Directory.Exists($"/proc/{identity.Pid}/root/etc") ? identity.Pid : null;
            }
            catch (Exception absent) when (absent is IOException or FormatException or IndexOutOfRangeException) { return null; }
        }
    }

    public bool IsRunning => InitPid is not null;

    /// <exception cref="LabException">The machine is off.</exception>
    internal int RequireInit() => InitPid ?? throw new LabException($"{Name} is off; 'scripts/cluster boot {Name}' boots it");

    /// <summary>The command that runs <paramref name="command"/> in the machine, to be started on the host.</summary>
    public IReadOnlyList<string> Entry(IEnumerable<string> command, string? terminal = null) => MachineEntry.Command(Spec, RequireInit(), command, terminal);

    /// <summary>Runs a program in the machine and returns its output.</summary>
    /// <exception cref="CommandException">It ended with another code than 0.</exception>
    public async Task<string> Run(string program, params string[] arguments)
    {
        var result = await TryRun(program, arguments);
        return result.ExitCode == 0 ? result.Output : throw new CommandException($"{Name}$ {program} {string.Join(' ', arguments)}", result);
    }

    /// <summary>As <see cref="Run"/>, but leaves the exit code to the caller; 126 and 127 as a shell says them.</summary>
    public Task<CommandResult> TryRun(string program, params string[] arguments)
    {
        var entry = Entry([program, .. arguments]);
        return CommandRunner.TryRun(entry[0], entry.Skip(1));
    }

    /// <summary>Starts a program that goes on, e.g. a server; its streams are redirected. It ends with the machine at the latest.</summary>
    public Process Start(string program, params string[] arguments)
    {
        var entry = Entry([program, .. arguments]);
        return Process.Start(new ProcessStartInfo(entry[0], entry.Skip(1))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }

    /// <summary>Pulls the plug: everything in it dies at once, and its link goes. Its disk stays.</summary>
    public async Task Kill()
    {
        if (InitPid is { } pid)
        {
            LibC.kill(pid, LibC.SIGKILL);
            await Poll.Until(() => !IsRunning, TimeSpan.FromSeconds(10), () => $"process {pid}, the init of {Name}, does not die");
        }
        await cluster.Cgroups.Remove(Name);
        if (Name != Cluster.SwitchName && cluster.Switch is { } network) await network.Unplug(Name);
        File.Delete(Paths.Init(Name));
    }

    /// <summary>Boots it from its disk, with an empty /run, and starts its program; a running machine is left alone.</summary>
    /// <exception cref="LabException">It cannot be made; says why.</exception>
    public async Task Boot()
    {
        if (IsRunning) return;
        var spec = Spec;
        await cluster.Cgroups.Remove(Name); // of a life that ended without Kill
        cluster.Cgroups.Create(Name);
        if (Name == Cluster.ControlName) File.Delete(Paths.ApiSocket);
        using var start = MachineStart.Begin(Paths.Spec(Name));
        var identity = ProcessIdentity.Of(start.Pid);
        if (identity is not null) await File.WriteAllTextAsync(Paths.Init(Name), $"{identity.Pid} {identity.StartTime}");
        try
        {
            if (identity is not null) await Connect(start.Pid, spec);
        }
        finally
        {
            await start.Finish(); // its reason is better than that of the network on a machine that is gone
        }
    }

    private async Task Connect(int pid, MachineSpec spec)
    {
        if (Name != Cluster.SwitchName)
        {
            if (cluster.Switch is { } network) await network.Plug(pid, spec);
            return;
        }
        await new Switch(pid).Create(cluster.Settings?.Routed ?? false);
        foreach (var machine in cluster.Machines.Where(machine => machine.Name != Name))
            if (machine.InitPid is { } other) await new Switch(pid).Plug(other, machine.Spec);
    }

    /// <summary>Cuts its link at the switch.</summary>
    public Task Cut() => OnSwitch(network => network.Cut(Name));

    public Task Heal() => OnSwitch(network => network.Heal(Name));

    /// <inheritdoc cref="Switch.Degrade"/>
    public Task Degrade(TimeSpan delay, double loss) => OnSwitch(network => network.Degrade(Name, delay, loss));

    private Task OnSwitch(Func<Switch, Task> change)
    {
        RequireInit();
        return change(cluster.Switch ?? throw new LabException($"the switch is off; 'scripts/cluster boot {Cluster.SwitchName}' boots it"));
    }

    /// <summary>Whether its link is up; null when the machine, the switch or the cable is gone.</summary>
    public async Task<bool?> LinkIsUp() => IsRunning && cluster.Switch is { } network ? await network.Port(Name) : null;

    /// <summary>
    /// The processes in the machine whose program has this name (the last part of argv[0], e.g. "nodeagent"), as the host counts.
    /// </summary>
    public IReadOnlyList<int> Processes(string program) => [.. cluster.Cgroups.Processes(Name).Where(pid => ProgramOf(pid) == program)];

    private static string? ProgramOf(int pid)
    {
        try { return Path.GetFileName(File.ReadAllText($"/proc/{pid}/cmdline").Split('\0')[0]); }
        catch (IOException) { return null; } // ended meanwhile
    }

    /// <summary>Sends a signal to each process of that program.</summary>
    /// <returns>How many there were.</returns>
    public int KillProcess(string program, int signal = LibC.SIGKILL)
    {
        var processes = Processes(program);
        foreach (var pid in processes) LibC.kill(pid, signal);
        return processes.Count;
    }

    /// <summary>The path on the host of a file on the machine's disk, below /var/lib or /var/log.</summary>
    public string OnDisk(string path) => path.Split('/') is ["", "var", ("lib" or "log") and var top, .. var rest]
        ? Path.Combine([Paths.Disk(Name), $"var-{top}", .. rest])
        : throw new ArgumentException($"{path} is not below /var/lib or /var/log");

    /// <summary>The log of its program, or of its init where it has none.</summary>
    public string LogFile => OnDisk($"/var/log/{Spec.Program?.Name ?? "console"}.log");
}
