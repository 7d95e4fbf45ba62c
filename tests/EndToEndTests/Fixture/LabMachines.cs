using System.Text;
using Lab;
using Linux;

namespace EndToEndTests.Fixture;

/// <summary>Two nodes of the Lab.</summary>
/// <param name="cluster">Which is up.</param>
/// <param name="kept">It is left up.</param>
internal sealed class LabMachines(Cluster cluster, bool kept) : ITestMachines
{
    public Cluster Cluster => cluster;

    public IReadOnlyList<string> Nodes => [.. cluster.Nodes.Select(node => node.Name)];

    public string Kubeconfig => cluster.KubeconfigPath;

    public string NodeInterface => "eth0";

    /// <exception cref="InvalidOperationException">It does not come up; the message has its state.</exception>
    public static async Task<LabMachines> Start(string name, bool kept)
    {
        if (!Path.Exists($"{Repository.Root}/out/images/oci")) throw new InvalidOperationException($"there is no {Repository.Root}/out/images/oci; run: sudo scripts/images build");
        var said = new StringBuilder();
        if (!kept) await new Cluster(name).Down();
        try { return new(await Cluster.Up(new ClusterOptions { Name = name, Nodes = 2, Programs = new Programs($"{Repository.Root}/out") }, line => said.AppendLine(line)), kept); }
        catch (LabException error)
        {
            var half = new Cluster(name);
            var dump = await ClusterDump.Text(half);
            if (!kept) await half.Down();
            throw new InvalidOperationException($"the cluster does not come up: {error.Message}\n{said}\n{dump}", error);
        }
    }

    public Task<CommandResult> TryRun(string machine, string program, params IReadOnlyList<string> arguments) => cluster.Machine(machine).TryRun(program, [.. arguments]);

    public Task Kill(string machine) => cluster.Machine(machine).Kill();

    public Task Boot(string machine) => cluster.Machine(machine).Boot();

    public Task<IReadOnlyList<int>> Processes(string machine, string program) => Task.FromResult(cluster.Machine(machine).Processes(program));

    public Task<int> KillProcess(string machine, string program) => Task.FromResult(cluster.Machine(machine).KillProcess(program));

    public Task<string> Dump() => ClusterDump.Text(cluster);

    public async ValueTask DisposeAsync()
    {
        if (!kept) await cluster.Down();
    }
}
