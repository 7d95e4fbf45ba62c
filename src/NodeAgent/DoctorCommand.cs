using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Linux;
using NodeAgent.Doctor;

namespace NodeAgent;

/// <summary><c>nodeagent doctor</c>: tests this machine and changes nothing on it; also before it joins, and beside a running agent.</summary>
internal static class DoctorCommand
{
    private static readonly string[] Areas = ["programs", "kernel", "cgroups", "settings", "firewall", "ports", "machine", "disk", "clock", "network"];

    public static Command Create()
    {
        var kubeconfig = new Option<string>("--kubeconfig") { Description = "The node's credentials, if it has joined", DefaultValueFactory = _ => "/etc/nodeagent/kubeconfig", HelpName = "FILE" };
        var plane = new Option<string?>("--control-plane") { Description = "Where the API server is, for a machine that has not joined yet", HelpName = "HOST[:PORT]" };
        var peers = new Option<string[]>("--peer") { Description = "Address of another node; may be repeated. Default: the nodes that the API server knows", HelpName = "ADDRESS" };
        var address = new Option<string?>("--node-ip") { Description = "As for nodeagent run", HelpName = "ADDRESS" };
        var port = new Option<int>("--port") { Description = "As for nodeagent run", DefaultValueFactory = _ => Server.NodeServer.DefaultPort, HelpName = "PORT" };
        var vxlan = new Option<int>("--vxlan-port") { Description = "As for nodeagent run", DefaultValueFactory = _ => PodNetwork.PodNetworkConfig.DefaultVxlanPort, HelpName = "PORT" };
        var mode = RunCommand.ProxyModeOption($"As for nodeagent run: what that mode lacks is a fault; by default as {ServiceOptions.File} says");
        mode.DefaultValueFactory = _ => RunCommand.ProxyMode(ServiceOptions.Configured(mode.Name), out var configured) ? configured : default;
        var only = new Option<string[]>("--only") { Description = $"Test this alone; may be repeated: {string.Join(", ", Areas)}", HelpName = "AREA", DefaultValueFactory = _ => [] };
        only.AcceptOnlyFromAmong(Areas);
        var command = new Command("doctor", "Tests whether this machine can be a node, and names each fault with the command that mends it; exit code 1 if there is one")
        {
            kubeconfig, plane, peers, address, port, vxlan, mode, only, CommandLine.RunDirectory, CommandLine.RootDirectory,
        };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(async () =>
        {
            var options = new DoctorOptions(parsed.GetValue(kubeconfig)!, EndPoint(parsed.GetValue(plane)), parsed.GetResult(peers) is null ? null : [.. parsed.GetValue(peers)!.Select(Address)],
                parsed.GetValue(address) is { } own ? Address(own) : null, parsed.GetValue(port), parsed.GetValue(vxlan), CommandLine.Paths(parsed), parsed.GetValue(mode) == ServiceProxy.ProxyMode.Nftables);
            var faults = await Print(options, parsed.GetValue(only) is { Length: > 0 } some ? some : Areas, cancel);
            if (faults > 0) throw new InvalidOperationException($"{faults} {(faults == 1 ? "fault" : "faults")}; see above");
        }));
        return command;
    }

    private static async Task<int> Print(DoctorOptions options, IReadOnlyList<string> areas, CancellationToken cancel)
    {
        var faults = 0;
        foreach (var area in Areas.Where(areas.Contains))
        {
            Console.WriteLine(area);
            foreach (var finding in await Examine(area, options, cancel))
            {
                Console.WriteLine(finding);
                if (finding.Verdict == Verdict.Fault) faults++;
            }
        }
        if (faults == 0) Console.WriteLine("No fault was found.");
        return faults;
    }

    private static async Task<IEnumerable<Finding>> Examine(string area, DoctorOptions options, CancellationToken cancel) => area switch
    {
        "programs" => Programs.Judge(Programs.Exists),
        "kernel" => (await KernelCheck.Examine(options.Paths, cancel)).Concat(NftablesCheck.Examine(options.Nftables)),
        "cgroups" => CgroupCheck.Examine(),
        "settings" => SettingsCheck.Examine(AgentRuns(options.Paths)),
        "firewall" => await FirewallCheck.Examine([$"{options.Port}/tcp", $"{options.VxlanPort}/udp"], cancel),
        "ports" => PortCheck.Judge(PortCheck.Listeners(), [("tcp", options.Port, "the API server's way to this node"), ("tcp", 10256, "health checks of load balancers")], PortCheck.Owner),
        "machine" => MachineCheck.Identity(Environment.MachineName, File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id") : null).Concat(await NameServers.Examine(cancel)),
        "disk" => new[] { options.Paths.Lib, options.Paths.Logs }.Select(MachineCheck.Existing).Distinct().Select(place => MachineCheck.Disk(place, FileSystemUsage.Of(place).Available)),
        "clock" => ClockCheck.Judge(await ClockCheck.Synchronized(cancel), await new Network(options).ClockAhead(cancel)),
        _ => await new Network(options).Examine(cancel),
    };

    private static bool AgentRuns(NodePaths paths)
    {
        if (!Directory.Exists(paths.Run)) return false;
        try { using (AgentLock.Take(paths)) return false; }
        catch (IOException) { return true; }
    }

    private static IPAddress Address(string text) => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork ? address : throw new FormatException($"'{text}' is no IPv4 address");

    private static DnsEndPoint? EndPoint(string? text)
    {
        const int usual = 6443;
        if (text is null) return null;
        var rest = text.Replace("https://", "", StringComparison.Ordinal).TrimEnd('/');
        var parts = rest.Split(':');
        return parts is [{ Length: > 0 } host] ? new DnsEndPoint(host, usual)
            : parts is [{ Length: > 0 } name, var number] && ushort.TryParse(number, out var port) ? new DnsEndPoint(name, port)
            : throw new FormatException($"--control-plane '{text}' is no HOST[:PORT]");
    }
}
