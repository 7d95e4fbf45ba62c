using System.Net;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging;
using NodeAgent.PodNetwork;

namespace NodeAgent;

/// <summary>The agent's pod network, fed by its informer of nodes.</summary>
internal sealed class NetworkPart(AgentOptions options, Informer<Node> nodes, ILogger log, KernelState.Repairs repairs) : IAsyncDisposable
{
    private static readonly TimeSpan NetworkWait = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource<NodeNetwork> started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static string PodCidrPlace(NodePaths paths) => Path.Combine(paths.Lib, "pod-cidr");

    /// <summary>Waits for the range of pod addresses that the control plane gives this node, then keeps the routes to the others.</summary>
    /// <param name="address">The node's own.</param>
    /// <param name="ready">Called when pods can have a network.</param>
    public async Task Run(IPAddress address, Action ready, CancellationToken cancel)
    {
        var file = new PodCidrFile(PodCidrPlace(options.Paths));
        var given = PodCidr(cancel);
        // For pods that need no control plane the last known range has to do; it hardly ever changes.
        await Task.WhenAny(given, Task.Delay(NetworkWait, cancel));
        var range = given.IsCompleted || file.Read() is not { } remembered ? await given : remembered;
        var network = await NodeNetwork.Start(new PodNetworkConfig(options.NodeName, address, range, options.ServiceCidr)
        {
            PodsDirectory = options.Paths.RunPods, Log = log, Repaired = repairs.Done, Overlay = options.Overlay, VxlanPort = options.VxlanPort,
        }, cancel);
        var changed = new SemaphoreSlim(1);
        nodes.Changed += (_, _) => changed.Release();
        network.TunnelledChanged += () => TunnelledChanged?.Invoke();
        started.SetResult(network);
        _ = nodes.Synced.ContinueWith(_ => changed.Release(), TaskScheduler.Default);
        ready();
        while (true)
        {
            var change = changed.WaitAsync(cancel);
            // The node's address is gone: the agent ends, its supervisor starts it anew, and it takes the address that there is then.
            if (await Task.WhenAny(change, network.Watching) != change) await network.Watching;
            await change;
            while (changed.Wait(0)) { }
            if (!nodes.Synced.IsCompletedSuccessfully) continue; // the routes that are there stay until it is known which are wanted
            if (given.IsCompletedSuccessfully)
            {
                file.Write(given.Result);
                if (!given.Result.Equals(range)) throw new InvalidOperationException($"this node's pod addresses are {given.Result} and not {range} any more");
            }
            try { await network.SetPeers(NodePeers.Of(nodes.Items, options.NodeName)); }
            catch (NodeAddressMissingException) { } // kept for when it is back; the watch says so, and ends if it stays away
        }
    }

    /// <summary>The nodes that are reached through VXLAN, by name; a packet to such a node's own address leaves with this node's as source.</summary>
    public IReadOnlyList<string> Tunnelled => started.Task.IsCompletedSuccessfully ? [.. started.Task.Result.Tunnelled.Order(StringComparer.Ordinal)] : [];

    public event Action? TunnelledChanged;

    private async Task<IPNetwork> PodCidr(CancellationToken cancel)
    {
        var given = new TaskCompletionSource<IPNetwork>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(Node? node)
        {
            if (node?.Name == options.NodeName && IPNetwork.TryParse(node.Spec?.PodCIDR ?? "", out var range)) given.TrySetResult(range);
        }
        nodes.Changed += (_, node) => Look(node);
        Look(nodes.Get(options.NodeName));
        return await given.Task.WaitAsync(cancel);
    }

    /// <summary>Gives a pod's network namespace its link and address. May be repeated.</summary>
    /// <exception cref="IOException">There is no network yet, or the kernel refused.</exception>
    public async Task<IPAddress> Connect(Pod pod, string namespacePath, CancellationToken cancel)
    {
        // Not for ever: the pod may be deleted meanwhile, and its status shall say what it waits for.
        if (await Task.WhenAny(started.Task, Task.Delay(NetworkWait, cancel)) != started.Task)
        {
            cancel.ThrowIfCancellationRequested();
            throw new IOException("the pod network is not ready: the control plane has given this node no spec.podCIDR yet");
        }
        var ready = await started.Task;
        return (await ready.Add(new PodNetworkRequest(pod.Namespace, pod.Name, pod.Metadata.Uid!, namespacePath), cancel)).Address;
    }

    /// <summary>Takes them away again. May be repeated.</summary>
    public async Task Disconnect(string uid, CancellationToken cancel)
    {
        // Without a network nothing was connected by this agent; what an earlier one left goes when the namespace does.
        if (started.Task.IsCompletedSuccessfully) await started.Task.Result.Delete(uid);
    }

    /// <summary>The network itself stays: pods go on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (started.Task.IsCompletedSuccessfully) await started.Task.Result.DisposeAsync();
    }
}
