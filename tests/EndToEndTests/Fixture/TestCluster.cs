using System.Text;
using Lab;
using Linux;

namespace EndToEndTests.Fixture;

/// <summary>
/// The cluster of two nodes that the tests share: up before the first, down after the last. For quick repetition
/// NODEAGENT_TEST_CLUSTER names one that is left up.
/// </summary>
public class TestCluster : IAsyncLifetime
{
    private const string KeptBy = "NODEAGENT_TEST_CLUSTER";
    private static readonly string? Kept = Environment.GetEnvironmentVariable(KeptBy);

    /// <summary>A cluster that is left up is one for all: those who have their own else take turns.</summary>
    private static readonly SemaphoreSlim Turn = new(Kept is null ? int.MaxValue : 1);

    private readonly string ownName;
    private Cluster? _cluster;

    public TestCluster() : this("end-to-end") { }

    /// <param name="name">Of the cluster on this machine.</param>
    private protected TestCluster(string name) => ownName = name;

    private Cluster Up => _cluster ?? throw new InvalidOperationException("the cluster is not up");

    public IReadOnlyList<string> Nodes => [.. Up.Nodes.Select(node => node.Name)];

    public string Kubeconfig => Up.KubeconfigPath;

    public async Task InitializeAsync()
    {
        foreach (var (path, command) in new[] { ($"{Repository.Root}/out/images/oci", "images build"), (Repository.OldKubectl, "kubectl-1.20") })
            if (!Path.Exists(path)) throw new InvalidOperationException($"there is no {path}; run: sudo scripts/{command}");
        var options = new ClusterOptions { Name = Kept ?? ownName, Nodes = 2, Programs = new Programs($"{Repository.Root}/out") };
        var said = new StringBuilder();
        await Turn.WaitAsync();
        if (Kept is null) await new Cluster(options.Name).Down();
        try { _cluster = await Cluster.Up(options, line => said.AppendLine(line)); }
        catch (LabException error)
        {
            var half = new Cluster(options.Name);
            var dump = await ClusterDump.Text(half);
            if (Kept is null) await half.Down();
            throw new InvalidOperationException($"the cluster does not come up: {error.Message}\n{said}\n{dump}", error);
        }
    }

    public async Task DisposeAsync()
    {
        if (Kept is null && _cluster is not null) await _cluster.Down();
        Turn.Release();
    }

    /// <param name="name">"1.20.2" is Debian 12's, "installed" is what PATH has.</param>
    public string KubectlBinary(string name) => Repository.Kubectl(name);

    /// <summary>Runs a program on a machine, as `scripts/cluster ssh` does, and returns its output.</summary>
    /// <exception cref="CommandException">It ended with another code than 0.</exception>
    /// <exception cref="TimeoutException">It has not ended after five minutes; that bounds a broken run.</exception>
    public Task<string> Ssh(string machine, string program, params string[] arguments) => Up.Machine(machine).Run(program, arguments).WaitAsync(TimeSpan.FromMinutes(5));

    /// <summary>Runs a command of <c>scripts/cluster</c> on this cluster.</summary>
    /// <exception cref="CommandException">It ended with another code than 0.</exception>
    public Task<string> Script(string command, params string[] arguments) => CommandRunner.Run($"{Repository.Root}/scripts/cluster", [command, .. arguments, "--name", Up.Name]);

    /// <summary>All that a container's runs wrote, in the CRI log format, oldest run first.</summary>
    internal Task<string> ContainerLog(TestPod pod, string container) =>
        Ssh(pod.Node, "sh", "-c", $"cat /var/log/pods/{pod.Namespace}_{pod.Name}_{pod.Uid}/{container}/*.log");

    public Task Kill(string machine) => Up.Machine(machine).Kill();

    public Task Boot(string machine) => Up.Machine(machine).Boot();

    /// <summary>Kills a node's agent as a crash would, and waits until the node has started it anew and its node is Ready.</summary>
    /// <param name="meanwhile">What to do before it is awaited.</param>
    public async Task CrashAgent(string node, Func<Task>? meanwhile = null)
    {
        var machine = Up.Machine(node);
        IReadOnlyList<int> before = [];
        // What was last seen of an agent may have been a child that had not become its program yet, of an agent killed then.
        await Eventually.Get($"{node} has an agent to kill", () =>
        {
            before = machine.Processes("nodeagent");
            return Task.FromResult(machine.KillProcess("nodeagent"));
        }, killed => killed > 0);
        if (meanwhile is not null) await meanwhile();
        await Eventually.Get($"the agent of {node} runs again", () => Task.FromResult(machine.Processes("nodeagent")), now => now.Any(pid => !before.Contains(pid)));
    }

    /// <summary>What a node holds of pods, one thing a line: directories, containers, processes, cgroups, mounts, links. Nothing, when all pods are gone.</summary>
    public Task<string> PodTraces(string node) => Ssh(node, "sh", "-c", """
        ls -d /run/nodeagent/pods/*-* /var/lib/nodeagent/pods/* /var/log/pods/* /run/nodeagent/runc/* /run/nodeagent/exits/* /run/nodeagent/execs/* 2>/dev/null
        pgrep -a '^(conmon|runc)$'
        find /sys/fs/cgroup -type d -path '*nodeagent/pod*'
        grep -E ' /(run|var/lib)/nodeagent/pods/.' /proc/self/mountinfo
        ip -o link show | grep -E ': nav'
        true
        """);

    /// <summary>Rules, routes, processes and logs of every machine, and the objects that matter.</summary>
    public async Task<string> Dump()
    {
        var text = new StringBuilder();
        foreach (var what in new[] { "get nodes,pods,services,endpoints,endpointslices,deployments,rs,rc -A -o wide", "get events -A", "get pods -A -o yaml" })
        {
            var result = await CommandRunner.TryRun(KubectlBinary("installed"), ["--kubeconfig", Kubeconfig, .. what.Split(' ')]);
            text.AppendLine($"--- kubectl {what}").Append(result.Output).Append(result.Error);
        }
        return text.Append(await ClusterDump.Text(Up)).ToString();
    }
}
