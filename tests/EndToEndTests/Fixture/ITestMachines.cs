using Linux;

namespace EndToEndTests.Fixture;

/// <summary>What a cluster under test runs on: the Lab's machines, which are namespaces, or Vagrant's. Names of machines are the same: control, node1, node2, …</summary>
internal interface ITestMachines : IAsyncDisposable
{
    IReadOnlyList<string> Nodes { get; }

    /// <summary>The administrator's, for a kubectl of this process.</summary>
    string Kubeconfig { get; }

    /// <summary>The nodes' link to each other.</summary>
    string NodeInterface { get; }

    /// <summary>Runs a program as root. "outside" is where a client of the cluster is that is no part of it.</summary>
    Task<CommandResult> TryRun(string machine, string program, params IReadOnlyList<string> arguments);

    /// <summary>Pulls the plug: everything in it ends at once.</summary>
    Task Kill(string machine);

    /// <summary>Switches it on; returns when programs can be run there.</summary>
    Task Boot(string machine);

    /// <summary>The processes whose program has this name (the last part of argv[0]).</summary>
    Task<IReadOnlyList<int>> Processes(string machine, string program);

    /// <summary>SIGKILL to each of them.</summary>
    /// <returns>How many there were.</returns>
    Task<int> KillProcess(string machine, string program);

    /// <summary>What is needed to understand a failure: rules, routes, processes and logs of every machine.</summary>
    Task<string> Dump();
}
