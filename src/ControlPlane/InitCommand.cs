using System.CommandLine;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ControlPlane.Authentication;
using ControlPlane.Certificates;
using ControlPlane.Joining;
using ControlPlane.Store;
using KubeApi;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane;

/// <summary>
/// <c>controlplane init</c>: makes a new cluster's data directory by running the control plane for a moment, a kubeconfig for
/// the administrator and a token for the first nodes, and says what to do next.
/// </summary>
internal static class InitCommand
{
    public static Command Create(Option<DirectoryInfo> dataDirectory)
    {
        var advertise = new Option<string?>("--advertise-address") { Description = "IP address at which the nodes reach the API server [default: this machine's address, if it has one only]" };
        var listen = new Option<string>("--listen") { Description = "ADDRESS:PORT of the API server", DefaultValueFactory = _ => "0.0.0.0:6443" };
        var pods = new Option<string>("--cluster-cidr") { Description = "Addresses of the pods", DefaultValueFactory = _ => "10.244.0.0/16" };
        var services = new Option<string>("--service-cidr") { Description = "Addresses of the Services", DefaultValueFactory = _ => "10.96.0.0/16" };
        var ttl = new Option<string>("--token-ttl") { Description = "How long the first token holds; 0: until it is deleted", DefaultValueFactory = _ => "24h" };
        var kubeconfig = new Option<string?>("--kubeconfig") { Description = "File for the administrator's kubeconfig [default: admin.conf in the data directory]" };
        var environment = new Option<string>("--environment-file") { Description = "File from which the service controlplane reads its options; an empty name writes none", DefaultValueFactory = _ => "/etc/nodeagent/controlplane.env" };
        var command = new Command("init", "Makes a new cluster on this machine") { dataDirectory, advertise, listen, pods, services, ttl, kubeconfig, environment };
        command.SetAction(async (parsed, cancel) =>
        {
            var directory = parsed.GetValue(dataDirectory)!.FullName;
            try
            {
                if (!IPEndPoint.TryParse(parsed.GetValue(listen)!, out var endpoint) || endpoint.Port == 0) throw new FormatException($"--listen {parsed.GetValue(listen)}: not ADDRESS:PORT");
                foreach (var (name, text) in new[] { ("--cluster-cidr", parsed.GetValue(pods)!), ("--service-cidr", parsed.GetValue(services)!) })
                    if (!IPNetwork.TryParse(text, out _)) throw new FormatException($"{name} {text}: not a network such as 10.96.0.0/16");
                var lifetime = TokenLifetime.Parse(parsed.GetValue(ttl)!);
                var options = new ControlPlaneOptions(directory, endpoint, null, Address(parsed.GetValue(advertise)), parsed.GetValue(pods)!, parsed.GetValue(services)!);
                var files = new StoreFiles(directory);
                RefuseExisting(files);
                try { await Make(options, lifetime, parsed.GetValue(kubeconfig) ?? Path.Combine(directory, "admin.conf"), parsed.GetValue(environment)!, cancel); }
                catch
                {
                    // Half a cluster would be refused the next time. The authority may have been there before; it serves again.
                    foreach (var made in (string[])[files.Database, .. files.Logs, files.Revision]) File.Delete(made);
                    throw;
                }
                return 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or StoreDamagedException or System.Security.Cryptography.CryptographicException or ApiException or HttpRequestException)
            {
                Console.Error.WriteLine($"controlplane: {e.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task Make(ControlPlaneOptions options, TimeSpan? lifetime, string kubeconfig, string environment, CancellationToken cancel)
    {
        var token = JoinToken.New();
        await using var host = await ControlPlaneHost.Start(options, NullLoggerFactory.Instance, cancel);
        var server = $"https://{new IPEndPoint(options.AdvertiseAddress, options.Listen.Port)}";
        var local = $"https://{new IPEndPoint(options.Listen.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : options.Listen.Address, options.Listen.Port)}";
        using (var client = new ApiClient(host.Authority.CreateKubeconfig(local, "kubernetes-admin", User.Masters), "controlplane-init"))
            await SlowStart.Retry(() => CreateToken(client, token.ToObject(lifetime is { } time ? DateTime.UtcNow + time : null, "made by controlplane init"), cancel), cancel);
        OwnerOnlyFile.Write(kubeconfig, host.Authority.CreateKubeconfig(server, "kubernetes-admin", User.Masters).ToYaml("kubernetes-admin"));
        var asService = environment.Length > 0 && WriteEnvironment(environment, options);
        Console.WriteLine($"""
            The cluster is made: {options.DataDirectory} holds its store and its keys.

            1. Start the control plane:
                 {(asService ? "systemctl enable --now controlplane" : $"controlplane run {Arguments(options)}{(options.DataDirectory == "/var/lib/nodeagent-controlplane" ? "" : $" --data-dir {options.DataDirectory}")}")}
            2. Use it, as root (the file is the administrator: keep it secret):
                 export KUBECONFIG={kubeconfig}
               It holds for a year: 'controlplane certs renew admin.conf' renews it, 'controlplane certs check-expiration' says when it ends.
            3. On each machine that is to be a node, as root{(lifetime is { } holds ? $" and within {Registry.Tables.HumanDuration.Format(holds)}" : "")}:
                 {JoinCommandLine.Of(server, token, host.Authority.Certificate)}
               The token lets machines in: treat it as a password. 'controlplane token list' shows the tokens, 'controlplane token delete {token.Id}' revokes this one,
               'controlplane token create --print-join-command' makes another line.
            """);
    }

    /// <summary>The token is a secret that nobody else has: one that is there already was made by the attempt before.</summary>
    private static async Task CreateToken(ApiClient client, KubeApi.Objects.Secret token, CancellationToken cancel)
    {
        try { await client.Create(token, cancel); }
        catch (ApiException e) when (e.IsAlreadyExists) { }
    }

    /// <exception cref="StoreDamagedException">There is a cluster already.</exception>
    private static void RefuseExisting(StoreFiles files)
    {
        if (File.Exists(files.Database) || RevisionFloor.Read(files.Revision) > 0)
            throw new StoreDamagedException($"{files.Directory} holds a cluster already; nothing was changed. 'controlplane token create --print-join-command' prints the line for another node");
    }

    /// <exception cref="FormatException">It is no address, or there are several to choose from.</exception>
    private static IPAddress Address(string? given)
    {
        if (given is not null)
            return IPAddress.TryParse(given, out var address) && !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.Any) ? address : throw new FormatException($"--advertise-address {given}: nodes cannot reach that address");
        var own = NetworkInterface.GetAllNetworkInterfaces().Where(link => link.OperationalStatus == OperationalStatus.Up && link.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(link => link.GetIPProperties().UnicastAddresses.Select(address => (link.Name, address.Address)))
            .Where(entry => entry.Address.AddressFamily == AddressFamily.InterNetwork && !entry.Address.ToString().StartsWith("169.254.", StringComparison.Ordinal)).ToList();
        return own is [var only] ? only.Address : throw new FormatException(own.Count == 0 ? "this machine has no address: give --advertise-address"
            : $"this machine has several addresses ({string.Join(", ", own.Select(entry => $"{entry.Address} on {entry.Name}"))}): say by --advertise-address which one the nodes reach");
    }

    private static string Arguments(ControlPlaneOptions options) => $"--advertise-address {options.AdvertiseAddress}"
        + (options.Listen.ToString() == "0.0.0.0:6443" ? "" : $" --listen {options.Listen}")
        + (options.ClusterCidr == "10.244.0.0/16" ? "" : $" --cluster-cidr {options.ClusterCidr}") + (options.ServiceCidr == "10.96.0.0/16" ? "" : $" --service-cidr {options.ServiceCidr}");

    /// <summary>Only where the package is installed. Options that stand there already stay; with an address among them, all is as it shall be.</summary>
    private static bool WriteEnvironment(string file, ControlPlaneOptions options)
    {
        const string Variable = "CONTROLPLANE_OPTS=";
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file)))) return false;
        var lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        var present = lines.LastOrDefault(line => line.StartsWith(Variable, StringComparison.Ordinal))?[Variable.Length..].Trim().Trim('"') ?? "";
        if (present.Contains("--advertise-address", StringComparison.Ordinal)) return true;
        File.WriteAllLines(file + ".new", [.. lines.Where(line => !line.StartsWith(Variable, StringComparison.Ordinal)), $"{Variable}\"{$"{Arguments(options)} {present}".Trim()}\""]);
        File.Move(file + ".new", file, overwrite: true);
        return true;
    }
}
