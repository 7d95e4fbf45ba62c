using System.Runtime.InteropServices;
using Linux;

namespace Lab;

/// <summary>The programs that the machines run, known by their command lines only; <paramref name="Directory"/> is where scripts/build puts them.</summary>
internal sealed record Programs(string Directory)
{
    public const string Agent = "nodeagent";

    /// <summary>Who a machine is in the cluster, on that machine; without it there is no agent.</summary>
    public const string NodeIdentity = "/etc/nodeagent/kubeconfig";

    /// <summary>As the nodes reach it.</summary>
    public const string ApiServer = $"https://{AddressPlan.Control}:6443";

    private const string DataDirectory = "nodeagent-controlplane";

    /// <summary>The .NET that runs this process; an apphost finds it by DOTNET_ROOT wherever it is installed.</summary>
    public static string DotnetRoot { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    private string ControlPlane => $"{Directory}/controlplane/controlplane";

    /// <summary>What PATH needs, so that a user on a machine just types "nodeagent state".</summary>
    public string SearchPath => $":{Directory}/nodeagent:{Directory}/controlplane";

    private string NodeAgent => $"{Directory}/nodeagent/nodeagent";

    /// <exception cref="LabException">They are not built.</exception>
    public void Require()
    {
        foreach (var program in new[] { ControlPlane, NodeAgent })
            if (!File.Exists(program)) throw new LabException($"there is no {program}: run scripts/build");
    }

    public MachineProgram OfControl() => new("controlplane",
    [
        ControlPlane, "run", "--data-dir", $"/var/lib/{DataDirectory}", "--listen", "0.0.0.0:6443", "--listen-unix", "/run/lab/api.sock",
        "--advertise-address", AddressPlan.Control, "--cluster-cidr", "10.244.0.0/16", "--service-cidr", "10.96.0.0/16",
        "--load-balancer-pool", AddressPlan.LoadBalancers,
    ]);

    public MachineProgram OfNode(string node) => new(Agent,
    [
        NodeAgent, "run", "--kubeconfig", NodeIdentity, "--node-name", node, "--image-store", ImageStore,
        // The machine "outside" is on the nodes' own network.
        "--node-external-ip", "node-ip",
        // The disk is the host's: a share of it says nothing about this machine.
        "--eviction-hard", "memory.available<100Mi,nodefs.available<1Gi,imagefs.available<1Gi",
    ]) { Needs = NodeIdentity };

    private const string ImageStore = "/var/lib/nodeagent-images";

    /// <summary>What the machines see of the host besides its root: the programs, and on nodes the images that were built beside them.</summary>
    public IEnumerable<SharedDirectory> SharedDirectories(string machine)
    {
        yield return new SharedDirectory(Directory, Directory, ReadOnly: true);
        var images = $"{Directory}/images";
        if (machine.StartsWith("node", StringComparison.Ordinal) && System.IO.Directory.Exists(images))
            yield return new SharedDirectory(images, ImageStore, ReadOnly: true);
    }

    /// <summary>The administrator's kubeconfig; makes the cluster's CA on the control machine's disk, if it is the first.</summary>
    public Task<string> AdminKubeconfig(string controlDisk, string server) => Kubeconfig(controlDisk, ["admin"], server);

    /// <summary>The kubeconfig of a node's agent, for a cluster whose nodes cannot join by themselves.</summary>
    public Task<string> NodeKubeconfig(string controlDisk, string node) => Kubeconfig(controlDisk, ["node", node], ApiServer);

    /// <summary>The certificate by which a control plane is known.</summary>
    public string AuthorityFile(string controlDisk) => $"{Data(controlDisk)}/pki/ca.crt";

    /// <param name="controlDisk">Of the control machine, running or not.</param>
    public Task<string> Backup(string controlDisk, string file, bool overwrite) =>
        Run(["backup", file, "--data-dir", Data(controlDisk), .. overwrite ? ["--force"] : Array.Empty<string>()]);

    /// <param name="controlDisk">Of the control machine, which is off.</param>
    public Task<string> Restore(string controlDisk, string file) => Run(["restore", file, "--data-dir", Data(controlDisk), "--force"]);

    private Task<string> Kubeconfig(string controlDisk, string[] whose, string server) =>
        Run(["kubeconfig", .. whose, "--data-dir", Data(controlDisk), "--server", server]);

    private static string Data(string controlDisk) => $"{controlDisk}/var-lib/{DataDirectory}";

    private async Task<string> Run(string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["DOTNET_ROOT"] = DotnetRoot };
        var result = await CommandRunner.TryRun(ControlPlane, arguments, environment: environment);
        return result.ExitCode == 0 ? result.Output : throw new CommandException($"{ControlPlane} {string.Join(' ', arguments)}", result);
    }
}
