using Linux;
using NodeAgent.PodNetwork;

namespace Benchmarks.Services;

/// <summary>Two nodes on a switch.</summary>
internal sealed class PodNodes : IAsyncDisposable
{
    /// <summary>As many as a small cluster has: to what is pod to pod their number makes no difference.</summary>
    private const int Services = 10;

    private readonly string directory = Directory.CreateTempSubdirectory("pod-nodes-").FullName;
    private readonly Switch wire;
    private readonly IReadOnlyList<PodNode> nodes;

    private PodNodes(OverlayMode overlay) => (wire, nodes) = (new(directory), [new(directory, 1, overlay), new(directory, 2, overlay)]);

    /// <param name="overlay">Auto = by routes, as they are neighbours (host-gateway); Always = through VXLAN.</param>
    /// <exception cref="InvalidOperationException">They are connected in another way than that.</exception>
    public static async Task<PodNodes> Create(OverlayMode overlay, IptablesBackend iptables, CancellationToken cancel)
    {
        var network = new PodNodes(overlay);
        try
        {
            await network.wire.Start();
            foreach (var node in network.nodes)
                await node.Start(network.wire, network.nodes.Where(other => other != node).Select(other => other.AsPeer), iptables, Services, cancel);
            if (network.nodes.Any(node => node.Tunnelled.Count != (overlay == OverlayMode.Always ? 1 : 0)))
                throw new InvalidOperationException($"--overlay {overlay}: through VXLAN are reached: {string.Join(", ", network.nodes.SelectMany(node => node.Tunnelled))}");
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>From a new pod of one node to a new pod of one.</summary>
    public async Task<PodPath> Path(int from, int to)
    {
        var (client, server) = (await nodes[from].AddPod(), await nodes[to].AddPod());
        return PodPath.Open(client.Namespace, server.Namespace, server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes) await node.DisposeAsync();
        wire.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
