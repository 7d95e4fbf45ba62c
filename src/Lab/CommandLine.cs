using System.CommandLine;
using Linux;

namespace Lab;

/// <summary>`lab …`: options and arguments, exit codes, and nothing else. 0 = done, 1 = failed, 2 = wrong use or not root.</summary>
internal static class CommandLine
{
    private const int Failed = 1, WrongUse = 2;

    private static readonly Option<string> Name = new("--name") { Description = "Which cluster", DefaultValueFactory = _ => "default", Recursive = true, HelpName = "NAME" };

    public static async Task<int> Run(string[] args)
    {
        var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"cluster: {error.Message}");
            Console.Error.WriteLine("'scripts/cluster --help' and 'scripts/cluster COMMAND --help' tell what there is.");
            return WrongUse;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static RootCommand Root()
    {
        Name.Validators.Add(result =>
        {
            if (result.GetValue(Name) is { } name && !ClusterPaths.IsName(name)) result.AddError($"'{name}' is no name for a cluster: use at most 32 of a-z, 0-9 and -");
        });
        return new RootCommand("A cluster of machines made of namespaces on this host: a control plane, nodes, a switch and the outside.")
        {
            Name, Up(), Down(), Status(), Kubeconfig(), Ssh(), Logs(),
            OnMachine("kill", "Pulls a machine's plug: everything in it dies; its disk stays", machine => machine.Kill()),
            OnMachine("boot", "Boots a machine whose plug was pulled", machine => machine.Boot()),
            OnMachine("cut", "Cuts a machine's link", machine => machine.Cut()),
            OnMachine("heal", "Heals a machine's link", machine => machine.Heal()),
            Degrade(), Dump(), Backup(), Restore(),
        };
    }

    private static Command Up()
    {
        var nodes = new Option<int?>("--nodes") { Description = $"How many nodes, 1 to {AddressPlan.MaxNodes}; 2 if the cluster is new", HelpName = "N" };
        nodes.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var number) && number is < 1 or > AddressPlan.MaxNodes)
                result.AddError($"a cluster has 1 to {AddressPlan.MaxNodes} nodes, not {text}");
        });
        var mode = new Option<string?>("--proxy-mode") { Description = "By what the nodes get Services into the kernel; on a running cluster the agents change it", HelpName = "iptables|nftables" };
        mode.AcceptOnlyFromAmong("iptables", "nftables");
        var network = new Option<string?>("--network") { Description = "flat: all nodes on one segment, as they are if the cluster is new; routed: node3 and all after it behind a router", HelpName = "flat|routed" };
        network.AcceptOnlyFromAmong("flat", "routed");
        var bare = new Option<bool>("--no-programs") { Description = "Machines without control plane and agents", Hidden = true };
        var command = new Command("up", "Brings a cluster up, or completes one") { nodes, network, mode, bare };
        command.SetAction((parsed, cancel) => AsRoot(async () =>
        {
            var options = new ClusterOptions
            {
                Name = parsed.GetValue(Name)!, Nodes = parsed.GetValue(nodes), ProxyMode = parsed.GetValue(mode), Programs = parsed.GetValue(bare) ? null : new Programs(BuildDirectory),
                Routed = parsed.GetValue(network) is { } asked ? asked == "routed" : null,
            };
            await Cluster.Up(options, Console.WriteLine, cancel);
            if (options.Programs is null) return;
            var name = options.Name == "default" ? "" : $" --name {options.Name}";
            Console.WriteLine($"Now:  export KUBECONFIG=$(scripts/cluster kubeconfig{name})   kubectl get nodes");
            Console.WriteLine($"      scripts/cluster ssh{name} node1 -- ip addr             scripts/cluster down{name}");
        }));
        return command;
    }

    /// <summary>This program lies in out/lab, beside out/controlplane and out/nodeagent.</summary>
    private static string BuildDirectory => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."));

    private static Command Down()
    {
        var command = new Command("down", "Ends a cluster and removes every trace of it");
        command.SetAction((parsed, _) => OnCluster(parsed, cluster => cluster.Down(Console.WriteLine)));
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "Shows the machines of a cluster, and what other clusters there are");
        command.SetAction((parsed, _) => OnCluster(parsed, async cluster => Console.Write(await ClusterStatus.Describe(cluster))));
        return command;
    }

    private static Command Kubeconfig()
    {
        var command = new Command("kubeconfig", "Prints the path of the administrator's kubeconfig: export KUBECONFIG=$(scripts/cluster kubeconfig)");
        command.SetAction((parsed, _) => OnCluster(parsed, cluster =>
        {
            if (!File.Exists(cluster.KubeconfigPath)) throw new LabException($"cluster {cluster.Name} has no kubeconfig; 'scripts/cluster up' brings it up");
            Console.WriteLine(cluster.KubeconfigPath);
            return Task.CompletedTask;
        }));
        return command;
    }

    private static Command Ssh()
    {
        var machine = MachineArgument();
        var rest = new Argument<string[]>("command") { Description = "After --, the program to run and its arguments; without: a shell", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("ssh", "Gets a shell on a machine, or runs a command there: lab ssh node1 -- ip route") { machine, rest };
        command.SetAction((parsed, _) => OnCluster(parsed, cluster =>
        {
            string[] asked = parsed.GetValue(rest)!, program = asked.Length > 0 ? asked : ["/bin/bash", "-l"];
            var entry = cluster.Machine(parsed.GetValue(machine)!).Entry(program, Environment.GetEnvironmentVariable("TERM") ?? "dumb");
            Exec.Become(entry);
            return Task.CompletedTask;
        }));
        return command;
    }

    private static Command Logs()
    {
        var machine = MachineArgument();
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on as the log grows" };
        var command = new Command("logs", "Prints the log of a machine's program") { machine, follow };
        command.SetAction((parsed, _) => OnCluster(parsed, cluster =>
        {
            var log = cluster.Machine(parsed.GetValue(machine)!).LogFile;
            if (!File.Exists(log)) throw new LabException($"nothing was logged yet: there is no {log}");
            Exec.Become(["/usr/bin/tail", "-n", "+1", .. parsed.GetValue(follow) ? ["-F"] : Array.Empty<string>(), log]);
            return Task.CompletedTask;
        }));
        return command;
    }

    private static Command Degrade()
    {
        var machine = MachineArgument();
        var delay = new Option<string>("--delay") { Description = "Added to each packet to the machine, e.g. 20ms", DefaultValueFactory = _ => "0ms", HelpName = "TIME" };
        var loss = new Option<string>("--loss") { Description = "How many of them are lost, e.g. 1%", DefaultValueFactory = _ => "0%", HelpName = "SHARE" };
        var command = new Command("degrade", "Delays and loses packets to a machine; without options it mends the link") { machine, delay, loss };
        delay.Validators.Add(result => { if (LinkQuality.Delay(result.GetValue(delay)!) is null) result.AddError("--delay takes a time such as 20ms or 1.5s"); });
        loss.Validators.Add(result => { if (LinkQuality.Share(result.GetValue(loss)!) is null) result.AddError("--loss takes a share from 0% to 100%"); });
        command.SetAction((parsed, _) => OnCluster(parsed, cluster => cluster.Machine(parsed.GetValue(machine)!)
            .Degrade(LinkQuality.Delay(parsed.GetValue(delay)!)!.Value, LinkQuality.Share(parsed.GetValue(loss)!)!.Value)));
        return command;
    }

    private static Command Dump()
    {
        var command = new Command("dump", "Prints links, routes, rules and logs of every machine");
        command.SetAction((parsed, _) => OnCluster(parsed, async cluster => Console.Write(await ClusterDump.Text(cluster))));
        return command;
    }

    private static Command Backup()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Gets the objects, certificates and keys of the cluster: keep it as you keep a private key" };
        var force = new Option<bool>("--force") { Description = "Replaces a FILE that is there" };
        var command = new Command("backup", "Writes the control plane's data into a file, while it runs") { file, force };
        command.SetAction((parsed, _) => OnCluster(parsed, cluster =>
            new ClusterBackup(cluster, new Programs(BuildDirectory), text => Console.WriteLine(text.TrimEnd())).Backup(parsed.GetValue(file)!.FullName, parsed.GetValue(force))));
        return command;
    }

    private static Command Restore()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Made by 'backup', of this cluster or of another one" };
        var command = new Command("restore", "Puts a backup in the place of the control plane's data; what was there is kept beside it") { file };
        command.SetAction((parsed, cancel) => OnCluster(parsed, async cluster =>
        {
            using var held = await ClusterLock.Take(cluster.Name, Console.WriteLine);
            await new ClusterBackup(cluster, new Programs(BuildDirectory), text => Console.WriteLine(text.TrimEnd())).Restore(parsed.GetValue(file)!.FullName, cancel);
        }));
        return command;
    }

    private static Command OnMachine(string verb, string description, Func<Machine, Task> action)
    {
        var machine = MachineArgument();
        var command = new Command(verb, description) { machine };
        command.SetAction((parsed, _) => OnCluster(parsed, async cluster =>
        {
            using var held = await ClusterLock.Take(cluster.Name, Console.WriteLine);
            await action(cluster.Machine(parsed.GetValue(machine)!));
        }));
        return command;
    }

    private static Argument<string> MachineArgument() => new("machine") { Description = "control, node1 … nodeN, outside, router or switch" };

    private static Task<int> OnCluster(ParseResult parsed, Func<Cluster, Task> action) => AsRoot(() => action(new Cluster(parsed.GetValue(Name)!)));

    private static async Task<int> AsRoot(Func<Task> action)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Console.Error.WriteLine("cluster: must run as root: sudo scripts/cluster ...");
            return WrongUse;
        }
        try
        {
            await action();
            return 0;
        }
        catch (Exception error) when (error is LabException or CommandException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"cluster: {error.Message}");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("cluster: stopped; the same command completes it, 'scripts/cluster down' removes it");
            return Failed;
        }
    }
}
