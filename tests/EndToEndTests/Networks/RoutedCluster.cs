using EndToEndTests.Fixture;
using Lab;

namespace EndToEndTests.Networks;

/// <summary>A cluster of three nodes: node1 and node2 on one segment, node3 behind a router.</summary>
public sealed class RoutedCluster : IAsyncLifetime
{
    private readonly Cluster named = new("routed");
    private Kubectl? kubectl;

    public async Task InitializeAsync()
    {
        await named.Down();
        await Cluster.Up(new ClusterOptions { Name = named.Name, Nodes = 3, Routed = true, Programs = new Programs($"{Repository.Root}/out") });
        kubectl = new Kubectl(Repository.Kubectl("installed"), named.KubeconfigPath);
    }

    public async Task DisposeAsync()
    {
        kubectl?.Dispose();
        await named.Down();
    }

    public Task<string> Kubectl(string line, string? input = null) => kubectl!.Run(line, input);

    public Task<string> Ssh(string machine, string program, params string[] arguments) => named.Machine(machine).Run(program, arguments).WaitAsync(TimeSpan.FromMinutes(5));

    internal Machine Machine(string name) => named.Machine(name);

    /// <summary>What a failed test needs to know of all machines.</summary>
    public Task<string> Dump() => ClusterDump.Text(named);
}
