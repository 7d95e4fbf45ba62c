using System.Text;
using Lab;
using Linux;

namespace EndToEndTests.Fixture;

/// <summary>
/// The cluster of two nodes that the tests share: up before the first, down after the last. For quick repetition
/// NODEAGENT_TEST_CLUSTER names one that is left up; with NODEAGENT_TEST_MACHINES=vagrant it is Vagrant's (<see cref="TestMachines"/>).
/// </summary>
public class TestCluster : IAsyncLifetime
{
    private static readonly string? Kept = Environment.GetEnvironmentVariable("NODEAGENT_TEST_CLUSTER");

    /// <summary>A cluster that is left up is one for all: those who have their own else take turns.</summary>
    private static readonly SemaphoreSlim Turn = new(Kept is null && !TestMachines.AreVagrants ? int.MaxValue : 1);

    private readonly string ownName;
    private ITestMachines? _machines;

    public TestCluster() : this("end-to-end") { }

    /// <param name="name">Of the cluster on this machine.</param>
    private protected TestCluster(string name) => ownName = name;

    private ITestMachines Machinery => _machines ?? throw new InvalidOperationException("the cluster is not up");

    /// <summary>For what virtual machines cannot do.</summary>
    private Cluster Up => (Machinery as LabMachines ?? throw TestMachines.OnlyInTheLab("what this test does")).Cluster;

    public IReadOnlyList<string> Nodes => Machinery.Nodes;

    public string Kubeconfig => Machinery.Kubeconfig;

    /// <summary>The nodes' link to each other.</summary>
    public string NodeInterface => Machinery.NodeInterface;

    public async Task InitializeAsync()
    {
        if (!Path.Exists(Repository.OldKubectl)) throw new InvalidOperationException($"there is no {Repository.OldKubectl}; run: sudo scripts/kubectl-1.20");
        await Turn.WaitAsync();
        _machines = TestMachines.AreVagrants ? await VagrantMachines.Connect() : await LabMachines.Start(Kept ?? ownName, kept: Kept is not null);
    }

    public async Task DisposeAsync()
    {
        if (_machines is not null) await _machines.DisposeAsync();
        Turn.Release();
    }

    /// <param name="name">"1.20.2" is Debian 12's, "installed" is what PATH has.</param>
    public string KubectlBinary(string name) => Repository.Kubectl(name);

    /// <summary>Runs a program on a machine, as `scripts/cluster ssh` does, and returns its output.</summary>
    /// <exception cref="CommandException">It ended with another code than 0.</exception>
    /// <exception cref="TimeoutException">It has not ended after minutes; that bounds a broken run.</exception>
    public async Task<string> Ssh(string machine, string program, params string[] arguments)
    {
        var result = await Machinery.TryRun(machine, program, arguments).WaitAsync(TimeSpan.FromMinutes(5) * TestMachines.Patience);
        return result.ExitCode == 0 ? result.Output : throw new CommandException($"{machine}$ {program} {string.Join(' ', arguments)}", result);
    }

    /// <summary>Runs a command of <c>scripts/cluster</c> on this cluster.</summary>
    /// <exception cref="CommandException">It ended with another code than 0.</exception>
    public Task<string> Script(string command, params string[] arguments) => CommandRunner.Run($"{Repository.Root}/scripts/cluster", [command, .. arguments, "--name", Up.Name]);

    /// <summary>All that a container's runs wrote, in the CRI log format, oldest run first.</summary>
    internal Task<string> ContainerLog(TestPod pod, string container) =>
        Ssh(pod.Node, "sh", "-c", $"cat /var/log/pods/{pod.Namespace}_{pod.Name}_{pod.Uid}/{container}/*.log");

    public Task Kill(string machine) => Machinery.Kill(machine);

    public Task Boot(string machine) => Machinery.Boot(machine);

    /// <summary>Cuts a machine off from all others; it goes on.</summary>
    public Task Cut(string machine) => Up.Machine(machine).Cut();

    public Task Heal(string machine) => Up.Machine(machine).Heal();

    /// <summary>All of them, the switch too.</summary>
    public IReadOnlyList<string> Machines => [.. Up.Machines.Select(machine => machine.Name)];

    /// <summary>Gives a node two minutes before it is lost: for tests of an agent that is stuck and not of a node without one. Its agent's next renewal ends that.</summary>
    public Task HoldLease(string node) => CommandRunner.Run(KubectlBinary("installed"),
        ["--kubeconfig", Kubeconfig, "patch", "lease", node, "-n", "kube-node-lease", "--type=merge", "-p", """{"spec":{"leaseDurationSeconds":120}}"""]);

    /// <summary>Waits until none of these addresses is in a node's Service rules.</summary>
    /// <returns>When that was so.</returns>
    public async Task<DateTime> LeftRules(string node, IEnumerable<string> addresses)
    {
        var patterns = string.Join(' ', addresses.Select(address => $"-e '[ /]{address}[:/ ]' -e ':{address}:'"));
        var time = await Ssh(node, "sh", "-c", $"for i in $(seq 900); do iptables-save -t nat | grep -q {patterns} || exec date -u +%FT%T.%3NZ; sleep 0.1; done; echo; iptables-save -t nat; exit 1");
        return DateTime.Parse(time.Trim(), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal);
    }

    /// <summary>Kills a node's agent as a crash would, and waits until the node has started it anew and its node is Ready.</summary>
    /// <param name="meanwhile">What to do before it is awaited.</param>
    public async Task CrashAgent(string node, Func<Task>? meanwhile = null)
    {
        IReadOnlyList<int> before = [];
        // What was last seen of an agent may have been a child that had not become its program yet, of an agent killed then.
        await Eventually.Get($"{node} has an agent to kill", async () =>
        {
            before = await Machinery.Processes(node, "nodeagent");
            return await Machinery.KillProcess(node, "nodeagent");
        }, killed => killed > 0);
        if (meanwhile is not null) await meanwhile();
        await Eventually.Get($"the agent of {node} runs again", () => Machinery.Processes(node, "nodeagent"), now => now.Any(pid => !before.Contains(pid)));
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
        return text.Append(await Machinery.Dump()).ToString();
    }
}
