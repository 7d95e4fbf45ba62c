using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Runtime.InteropServices;
using KubeApi;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using NodeAgent.Joining;

namespace NodeAgent;

/// <summary><c>nodeagent run</c>: options, logging and signals around <see cref="Agent"/>.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var kubeconfig = new Option<string>("--kubeconfig") { Description = "The node's credentials", DefaultValueFactory = _ => "/etc/nodeagent/kubeconfig", HelpName = "FILE" };
        var name = new Option<string?>("--node-name") { Description = "Name of the Node object; default: the one that the credentials are of", HelpName = "NAME" };
        var address = Parsed<IPAddress?>("--node-ip", "Address by which other nodes reach this one; default: the one that it uses towards the control plane", "ADDRESS", null, IPAddress.TryParse);
        var external = Parsed<ExternalAddress?>("--node-external-ip", $"Address by which clients outside reach this node, the Node's ExternalIP; '{ExternalAddress.SameAsNode}': the same as other nodes", $"ADDRESS|{ExternalAddress.SameAsNode}", null, ExternalAddress.TryParse);
        var stores = new Option<string[]>("--image-store") { Description = "A further image store that is only read; may be repeated", HelpName = "DIR", DefaultValueFactory = _ => [] };
        var cluster = Parsed<IPNetwork>("--cluster-cidr", "Addresses of all pods", "CIDR", IPNetwork.Parse("10.244.0.0/16"), IPNetwork.TryParse);
        var service = Parsed<IPNetwork>("--service-cidr", "Addresses of all Services", "CIDR", IPNetwork.Parse("10.96.0.0/16"), IPNetwork.TryParse);
        var dns = new Option<string[]>("--cluster-dns") { Description = "Name server for pods; may be repeated. One in the Service network is served by the agent itself; default: the tenth address there", HelpName = "ADDRESS", DefaultValueFactory = _ => [] };
        var domain = new Option<string>("--cluster-domain") { Description = "Domain of the cluster's names", DefaultValueFactory = _ => "cluster.local", HelpName = "NAME" };
        var port = new Option<int>("--port") { Description = "TCP port at which the API server reaches this node for logs, exec and port-forward", DefaultValueFactory = _ => Server.NodeServer.DefaultPort, HelpName = "PORT" };
        var logSize = Parsed<Quantity>("--container-log-max-size", "Size at which a container's log is rotated", "QUANTITY", Quantity.Parse("10Mi"), Size);
        var logFiles = Parsed<int>("--container-log-max-files", "Files of one container's log that are kept, 2 at least", "NUMBER", 5, (string text, out int count) => int.TryParse(text, out count) && count >= 2);
        var manifests = new Option<string>("--pod-manifest-path") { Description = "Folder of pods that this node runs by itself (static pods), a file each", DefaultValueFactory = _ => "/etc/nodeagent/manifests", HelpName = "DIR" };
        var overlay = Parsed<PodNetwork.OverlayMode>("--overlay", "Pods of which nodes are reached through VXLAN: auto (default) = of those behind a router; never; always", "auto|never|always", PodNetwork.OverlayMode.Auto, OverlayMode);
        var vxlanPort = Parsed<ushort>("--vxlan-port", "UDP port of VXLAN, the same on all nodes", "PORT", PodNetwork.PodNetworkConfig.DefaultVxlanPort, (string text, out ushort number) => ushort.TryParse(text, out number) && number > 0);
        var proxyMode = ProxyModeOption("By what Services get into the kernel: iptables (default) or nftables. May be changed while connections are open");
        var nodePorts = new Option<IPNetwork[]>("--nodeport-addresses") { Description = "On which of the node's addresses nodePorts are served; may be repeated, or several with commas; default: on all", HelpName = "CIDR", DefaultValueFactory = _ => [], CustomParser = Networks };
        var localhost = new Option<bool>("--iptables-localhost-nodeports") { Description = "Serves nodePorts on 127.0.0.1 too; not in nftables mode", DefaultValueFactory = _ => true };
        var withdrawal = Parsed("--endpoint-withdrawal-timeout", "How long a deleted pod's stop signal waits at most until no node sends it new connections (and never longer than half its grace period); 0s: not at all", "DURATION", TimeSpan.FromSeconds(10), Duration);
        var healthz = Parsed<IPEndPoint?>("--healthz-bind-address", "Where the service proxy answers /healthz and /livez; empty: nowhere", "ADDRESS:PORT", new(IPAddress.Any, 10256), Bind);
        var lease = Parsed("--node-lease-duration-seconds", "For how long the control plane takes the node to be alive after it has heard of it; it hears five times as often. More than 200 nodes: 50 ms each, if that is longer", "SECONDS", Kubelet.LeaseTimes.DefaultDuration, Seconds);
        var statusEvery = Parsed("--node-status-update-frequency", "How often the node's status is compared with what the control plane has; what changes is told at once", "DURATION", TimeSpan.FromSeconds(10), Period);
        var images = new Images.ImageFlags();
        var eviction = new Eviction.EvictionFlags();
        var command = new Command("run", "Runs this machine as a node of a cluster; its pods survive the agent's end")
        {
            kubeconfig, name, address, external, stores, cluster, service, dns, domain, port, logSize, logFiles, manifests, overlay, vxlanPort, proxyMode, nodePorts, localhost, healthz, CommandLine.RootDirectory, CommandLine.RunDirectory, CommandLine.LogDirectory,
        };
        command.Add(withdrawal);
        command.Add(lease);
        command.Add(statusEvery);
        Containers.ContainerOptions.AddTo(command);
        images.AddTo(command);
        eviction.AddTo(command);
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(() => Run(new AgentOptions(parsed.GetValue(kubeconfig)!, parsed.GetValue(name) ?? "",
            parsed.GetValue(address), [.. parsed.GetValue(stores)!.Select(Path.GetFullPath)], parsed.GetValue(cluster), parsed.GetValue(service),
            DnsAddresses(parsed.GetValue(dns)!, parsed.GetValue(service)), parsed.GetValue(domain)!, CommandLine.Paths(parsed)) 
            {
                Port = parsed.GetValue(port), LogRotation = new(parsed.GetValue(logSize).Value, parsed.GetValue(logFiles)),
                Containers = Containers.ContainerOptions.Of(parsed),
                Images = images.Read(parsed), Eviction = eviction.Read(parsed), PodManifestPath = Path.GetFullPath(parsed.GetValue(manifests)!),
                NodeExternalIp = parsed.GetValue(external), Overlay = parsed.GetValue(overlay), VxlanPort = parsed.GetValue(vxlanPort),
                ProxyMode = parsed.GetValue(proxyMode), NodePortAddresses = parsed.GetValue(nodePorts)!, LocalhostNodePorts = parsed.GetValue(localhost),
                EndpointWithdrawal = parsed.GetValue(withdrawal), NodeLeaseDuration = parsed.GetValue(lease), NodeStatusUpdateFrequency = parsed.GetValue(statusEvery), HealthzBindAddress = parsed.GetValue(healthz),
            }, cancel)));
        return command;
    }

    private static IReadOnlyList<string> DnsAddresses(string[] given, IPNetwork services) =>
        given.Length > 0 ? given : [PodNetwork.Marks.Offset(services, 10).ToString()];

    private static async Task Run(AgentOptions options, CancellationToken cancel)
    {
        if (!File.Exists(options.Kubeconfig)) throw new IOException($"there is no {options.Kubeconfig}: this machine has not joined a cluster; 'controlplane token create --print-join-command' on the control plane prints the line that does");
        var kubeconfig = Kubeconfig.Load(options.Kubeconfig);
        if (options.NodeName.Length == 0) options = options with { NodeName = NodeIdentityFile.NodeName(kubeconfig) };
        using var only = AgentLock.Take(options.Paths);
        using var logging = LoggerFactory.Create(builder => builder.AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(console =>
        {
            (console.SingleLine, console.ColorBehavior, console.UseUtcTimestamp) = (true, LoggerColorBehavior.Disabled, true);
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        }));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        await new Agent(options, kubeconfig, logging).Run(new Uri(kubeconfig.Server), stop.Token);
    }

    private static bool OverlayMode(string text, out PodNetwork.OverlayMode mode)
    {
        mode = text switch { "never" => PodNetwork.OverlayMode.Never, "always" => PodNetwork.OverlayMode.Always, _ => PodNetwork.OverlayMode.Auto };
        return text is "auto" or "never" or "always";
    }

    /// <summary>For this command, and for those that ask which mode is meant.</summary>
    internal static Option<ServiceProxy.ProxyMode> ProxyModeOption(string description) => Parsed<ServiceProxy.ProxyMode>("--proxy-mode", description, "iptables|nftables", default, ProxyMode);

    internal static bool ProxyMode(string? text, out ServiceProxy.ProxyMode mode)
    {
        mode = text == "nftables" ? ServiceProxy.ProxyMode.Nftables : ServiceProxy.ProxyMode.Iptables;
        return text is "iptables" or "nftables";
    }

    private static IPNetwork[] Networks(ArgumentResult result)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in result.Tokens.SelectMany(token => token.Value.Split(',')).Select(text => text.Trim()))
        {
            if (IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork) networks.Add(network);
            else result.AddError($"--nodeport-addresses: '{text}' is no IPv4 CIDR");
        }
        return [.. networks];
    }

    private static bool Bind(string text, out IPEndPoint? address)
    {
        address = null;
        return text.Length == 0 || (text.Contains(':') && IPEndPoint.TryParse(text, out address) && address.Port > 0);
    }

    private static bool Size(string text, out Quantity size) => Quantity.TryParse(text, out size) && size.Value > 0;

    private static bool Duration(string text, out TimeSpan duration)
    {
        try { duration = Eviction.EvictionFlags.Duration(text); return true; }
        catch (FormatException) { duration = default; return false; }
    }

    private static bool Period(string text, out TimeSpan period) => Duration(text, out period) && period > TimeSpan.Zero && period <= TimeSpan.FromHours(1);

    /// <summary>5 to 3600: with less a node would be lost whenever it has much to do.</summary>
    private static bool Seconds(string text, out TimeSpan duration)
    {
        var good = int.TryParse(text, out var seconds) && seconds is >= 5 and <= 3600;
        duration = TimeSpan.FromSeconds(seconds);
        return good;
    }

    private delegate bool TryParse<T>(string text, out T value);

    private static Option<T> Parsed<T>(string name, string description, string help, T value, TryParse<T> parse) => new(name)
    {
        Description = description, HelpName = help, DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            if (parse(result.Tokens[0].Value, out var parsed)) return parsed;
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no {help}");
            return value;
        },
    };
}
