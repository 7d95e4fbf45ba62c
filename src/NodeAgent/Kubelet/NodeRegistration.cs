using System.Diagnostics;
using System.Net;
using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>What the Node object says of this machine besides its conditions.</summary>
internal sealed record NodeIdentity(string Name, IPAddress Address, NodeSystemInfo Info, IReadOnlyDictionary<string, Quantity> Capacity, IReadOnlyDictionary<string, Quantity> Allocatable)
{
    /// <summary>Where the API server reaches the node; 0: nowhere.</summary>
    public int ServerPort { get; init; }

    /// <summary>By which clients outside reach the node; null: not known.</summary>
    public IPAddress? ExternalAddress { get; init; }

    /// <summary>The images that the node has; the same list as long as they are the same.</summary>
    public Func<IReadOnlyList<ContainerImage>> Images { get; init; } = () => [];
}

/// <summary>
/// Registers this machine's Node and keeps its status: written every 5 min and whenever it is not what the server has. That the node
/// lives says its lease, <see cref="NodeLease"/> (KEP-589, node heartbeats).
/// </summary>
/// <param name="lookEvery">How often it is compared at least.</param>
internal sealed class NodeRegistration(ApiClient client, NodeIdentity identity, Informer<Node> nodes, TimeSpan lookEvery, Action<string> log)
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1), StatusEvery = TimeSpan.FromMinutes(5),
        StartGrace = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim dirty = new(0);
    private volatile string? problem = "the pod network is being set up: waiting for spec.podCIDR";
    private readonly Stopwatch running = Stopwatch.StartNew();
    private volatile bool decided;
    private volatile NodePressure pressure = NodePressure.None;
    private IReadOnlyList<ContainerImage>? imagesWritten;
    private TimeSpan? statusWritten;
    private string? trouble;

    /// <summary>What the node runs short of.</summary>
    public void SetPressure(NodePressure now)
    {
        pressure = now;
        dirty.Release();
    }

    /// <summary>Null: pods can run here. Otherwise why not, for the Ready condition's message.</summary>
    public void SetProblem(string? why)
    {
        problem = why;
        decided = true;
        dirty.Release();
    }

    /// <summary>Registers, then keeps alive until cancelled.</summary>
    /// <exception cref="InvalidOperationException">Another node has this one's address.</exception>
    public async Task Run(CancellationToken cancel)
    {
        nodes.Changed += (_, node) =>
        {
            if (node?.Name == identity.Name && NodeStatusOf.Differs(node, problem, pressure)) dirty.Release();
        };
        try
        {
            while (!await Try(Register, "registering the node", cancel)) await Task.Delay(RetryEvery, cancel);
            await KeepStatus(cancel);
        }
        catch (OperationCanceledException) { }
    }

    private async Task KeepStatus(CancellationToken cancel)
    {
        while (true)
        {
            var done = await Try(KeepAlive, "node status", cancel);
            await dirty.WaitAsync(done ? lookEvery : RetryEvery, cancel);
            while (dirty.Wait(0)) { }
        }
    }

    private async Task<bool> Try(Func<CancellationToken, Task> work, string what, CancellationToken cancel)
    {
        try
        {
            await work(cancel);
            if (trouble is not null) log($"{what}: done");
            trouble = null;
            return true;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or JsonException)
        {
            if (trouble != e.Message) log($"{what}: {e.Message}; trying until it is done");
            trouble = e.Message;
            return false;
        }
    }

    private Dictionary<string, string> Labels => new()
    {
        ["kubernetes.io/hostname"] = identity.Name, ["kubernetes.io/os"] = "linux", ["kubernetes.io/arch"] = NodeFactsReader.Architecture,
        ["beta.kubernetes.io/os"] = "linux", ["beta.kubernetes.io/arch"] = NodeFactsReader.Architecture,
    };

    private async Task Register(CancellationToken cancel)
    {
        var all = (await client.List<Node>(new ListOptions(), cancel)).Items;
        PodNetwork.NodeAddress.RefuseTaken(identity.Address, NodePeers.Addresses(all, identity.Name));
        if (all.FirstOrDefault(node => node.Name == identity.Name) is { } known)
        {
            await client.MergePatch<Node>("", known.Name, new { metadata = new { labels = Labels } }, cancel);
            return;
        }
        var node = new Node
        {
            Kind = "Node", ApiVersion = "v1",
            Metadata = new ObjectMeta { Name = identity.Name, Labels = Labels },
            Spec = new NodeSpec(),
            Status = Status(null, DateTime.UtcNow),
        };
        try
        {
            await client.Create(node, cancel);
            statusWritten = running.Elapsed;
            log($"registered node {identity.Name} with address {identity.Address}");
        }
        catch (ApiException e) when (e.IsAlreadyExists) { }
    }

    private async Task KeepAlive(CancellationToken cancel)
    {
        var known = nodes.Get(identity.Name);
        // An agent that was only restarted must not take its running pods out of the Services for the second that it needs.
        if (known is not null && !decided && NodeStatusOf.IsReady(known) && running.Elapsed < StartGrace) return;
        if (known is not null && (statusWritten is null || running.Elapsed - statusWritten >= StatusEvery || imagesWritten != identity.Images() || NodeStatusOf.Differs(known, problem, pressure))) await WriteStatus(known, cancel);
        else if (known is null && nodes.Synced.IsCompleted && await client.Find<Node>("", identity.Name, cancel) is null) await Register(cancel); // somebody deleted it
    }

    private async Task WriteStatus(Node known, CancellationToken cancel)
    {
        var status = Status(known, DateTime.UtcNow);
        await client.MergePatch<Node>("", identity.Name, new { status }, cancel, "status");
        imagesWritten = status.Images;
        statusWritten = running.Elapsed;
    }

    private IReadOnlyList<NodeAddress> Addresses =>
    [
        new NodeAddress { Type = "InternalIP", Address = identity.Address.ToString() },
        .. identity.ExternalAddress is { } external ? [new NodeAddress { Type = "ExternalIP", Address = external.ToString() }] : Array.Empty<NodeAddress>(),
        new NodeAddress { Type = "Hostname", Address = identity.Name },
    ];

    private NodeStatus Status(Node? known, DateTime now) => new()
    {
        Capacity = identity.Capacity, Allocatable = identity.Allocatable, NodeInfo = identity.Info,
        Addresses = Addresses,
        DaemonEndpoints = identity.ServerPort == 0 ? null : new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = identity.ServerPort } },
        Images = identity.Images(),
        Conditions = NodeStatusOf.Conditions(known?.Status?.Conditions, problem, pressure, now),
    };
}
