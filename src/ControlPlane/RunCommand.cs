using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ControlPlane.Admission;
using ControlPlane.Audit;
using ControlPlane.Controllers;
using ControlPlane.Controllers.LoadBalancers;
using ControlPlane.Registry.Services;
using ControlPlane.Store;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ControlPlane;

/// <summary><c>controlplane run</c>: everything, until SIGTERM or SIGINT.</summary>
internal static class RunCommand
{
    public static Command Create(Option<DirectoryInfo> dataDirectory)
    {
        var listen = new Option<string>("--listen") { Description = "ADDRESS:PORT of the API server", DefaultValueFactory = _ => "0.0.0.0:6443" };
        var unixSocket = new Option<string?>("--listen-unix") { Description = "Path of a unix socket on which the API server listens too, also with TLS" };
        var advertise = new Option<string>("--advertise-address") { Description = "IP address at which the nodes reach the API server", Required = true };
        var clusterCidr = new Option<string>("--cluster-cidr") { Description = "Addresses of the pods", DefaultValueFactory = _ => "10.244.0.0/16" };
        var serviceCidr = new Option<string>("--service-cidr") { Description = "Addresses of the Services", DefaultValueFactory = _ => "10.96.0.0/16" };
        var nodePorts = new Option<string>("--service-node-port-range") { Description = "Ports of every node that Services can have", DefaultValueFactory = _ => "30000-32767" };
        var pool = new Option<string[]>("--load-balancer-pool") { Description = "Addresses for Services of type LoadBalancer, which the nodes answer for: a range (192.0.2.10-192.0.2.20) or network (192.0.2.16/28); may be repeated", DefaultValueFactory = _ => [] };
        var reads = new Option<int>("--max-requests-inflight") { Description = "Requests that only read and may be under way at once", DefaultValueFactory = _ => 400 };
        var writes = new Option<int>("--max-mutating-requests-inflight") { Description = "Requests that write and may be under way at once", DefaultValueFactory = _ => 200 };
        var signing = new Option<string>("--cluster-signing-duration") { Description = "The longest time for which a certificate of a node or user is signed, e.g. 720h", DefaultValueFactory = _ => "8760h" };
        var auditPath = new Option<string?>("--audit-log-path") { Description = "File in which is written who did what; an empty path turns that off [default: audit.log in the data directory]" };
        var auditSize = new Option<int>("--audit-log-maxsize") { Description = "Size of that file, in MiB, at which a new one is begun", DefaultValueFactory = _ => 10 };
        var auditBackups = new Option<int>("--audit-log-maxbackup") { Description = "How many older files are kept", DefaultValueFactory = _ => 3 };
        var command = new Command("run", "Runs the control plane") { dataDirectory, listen, unixSocket, advertise, clusterCidr, serviceCidr, nodePorts, pool, reads, writes, signing, auditPath, auditSize, auditBackups };
        var nodes = new NodeMonitorFlags();
        nodes.AddTo(command);
        command.SetAction((parsed, _) => Run(parsed.GetValue(dataDirectory)!.FullName, parsed.GetValue(listen)!, parsed.GetValue(unixSocket),
            parsed.GetValue(advertise)!, parsed.GetValue(clusterCidr)!, parsed.GetValue(serviceCidr)!, parsed.GetValue(nodePorts)!, parsed.GetValue(pool)!, parsed.GetValue(reads), parsed.GetValue(writes), parsed.GetValue(signing)!,
            new AuditOptions(parsed.GetValue(auditPath), (long)parsed.GetValue(auditSize) << 20, parsed.GetValue(auditBackups)), nodes.Monitor(parsed), nodes.Tolerations(parsed)));
        return command;
    }

    private static async Task<int> Run(string directory, string listen, string? unixSocket, string advertise, string clusterCidr, string serviceCidr, string nodePorts, string[] pool, int reads, int writes, string signing, AuditOptions audit, NodeMonitorOptions monitor, DefaultTolerations tolerations)
    {
        if (!IPEndPoint.TryParse(listen, out var endpoint) || !listen.Contains(':')) return Wrong($"--listen {listen}: not ADDRESS:PORT");
        if (!IPAddress.TryParse(advertise, out var advertised)) return Wrong($"--advertise-address {advertise}: not an IP address");
        if (IPAddress.IsLoopback(advertised) || advertised.Equals(IPAddress.Any)) return Wrong($"--advertise-address {advertise}: nodes cannot reach that address");
        if (!IPNetwork.TryParse(clusterCidr, out var pods)) return Wrong($"--cluster-cidr {clusterCidr}: not a network such as 10.244.0.0/16");
        if (!IPNetwork.TryParse(serviceCidr, out var services)) return Wrong($"--service-cidr {serviceCidr}: not a network such as 10.96.0.0/16");
        var (nodePortRange, addresses) = (default((int, int)), AddressPool.Empty);
        try { nodePortRange = NodePortRange.Parse(nodePorts); }
        catch (FormatException e) { return Wrong($"--service-node-port-range {e.Message}"); }
        try { addresses = AddressPool.Parse(pool); }
        catch (FormatException e) { return Wrong($"--load-balancer-pool {e.Message}"); }
        TimeSpan? lifetime;
        try { lifetime = Joining.TokenLifetime.Parse(signing); }
        catch (FormatException e) { return Wrong($"--cluster-signing-duration {e.Message}"); }
        if (lifetime is null) return Wrong($"--cluster-signing-duration {signing}: a certificate must end at some time");
        if (addresses.Overlaps(pods) || addresses.Overlaps(services)) return Wrong($"--load-balancer-pool {addresses}: overlaps with the addresses of pods or Services");
        if (reads < 1) return Wrong($"--max-requests-inflight {reads}: must be at least 1");
        if (writes < 1) return Wrong($"--max-mutating-requests-inflight {writes}: must be at least 1");
        if (audit.MaxBytes <= 0) return Wrong("--audit-log-maxsize: must be at least 1");
        if (audit.MaxBackups < 0) return Wrong("--audit-log-maxbackup: must not be negative");

        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var logs = LoggerFactory.Create(Logging);
        var log = logs.CreateLogger("controlplane");
        try
        {
            await using var plane = await ControlPlaneHost.Start(new ControlPlaneOptions(directory, endpoint, unixSocket, advertised, clusterCidr, serviceCidr)
            {
                ServiceNodePorts = nodePortRange, LoadBalancerPool = addresses, MaxReadsInFlight = reads, MaxWritesInFlight = writes, CertificateLifetime = lifetime.Value, NodeMonitor = monitor, DefaultTolerations = tolerations,
                Audit = audit with { Path = audit.Path switch { null => Path.Combine(directory, "audit.log"), "" => null, var path => Path.GetFullPath(path) } },
            }, logs, stop.Token);
            log.LogInformation("listening on {Address}, data in {Directory}", plane.Address, directory);
            await plane.RunControllers(stop.Token);
            log.LogInformation("stopping");
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or StoreDamagedException or FormatException or KubeApi.ApiException or HttpRequestException)
        {
            log.LogCritical("{Message}", e.Message);
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // the process ends by itself, in order
            stop.Cancel();
        }
    }

    /// <summary>One line each, to stderr; of the framework only what is wrong.</summary>
    private static void Logging(ILoggingBuilder logging)
    {
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp, console.ColorBehavior) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", true, LoggerColorBehavior.Disabled));
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static int Wrong(string message)
    {
        Console.Error.WriteLine($"controlplane: {message}");
        return 2;
    }
}
