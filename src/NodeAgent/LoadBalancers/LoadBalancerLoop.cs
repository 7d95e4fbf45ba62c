using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>Gives each address to the loop of the link that its network is on, and follows the links. See README.md.</summary>
/// <param name="inside">Where the node's links are.</param>
/// <param name="node">This node's name.</param>
/// <param name="beat">Called at least every second while all is well and this node answers for something.</param>
internal sealed class LoadBalancerLoop(NetworkNamespace inside, string node, Action beat, Action<string> log)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, Running> loops = [];
    private readonly SemaphoreSlim changed = new(0, 1);
    private volatile ClusterView? view;
    private volatile IReadOnlySet<int> watched = new HashSet<int>();

    /// <summary>The loop of a link as it was when it began.</summary>
    private sealed record Running(NodeLink Link, LinkLoop Loop, CancellationTokenSource Stop, Task Task);

    /// <summary>What the API says now; from any thread.</summary>
    public void Update(ClusterView now)
    {
        view = now;
        Wake();
    }

    /// <summary>Until cancelled. The addresses stay: whoever runs next finds them.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using var news = new NetlinkEvents(inside, LibC.RTNLGRP_IPV4_IFADDR, LibC.RTNLGRP_LINK);
        var following = Follow(news, cancel);
        try
        {
            while (true)
            {
                if (await Task.WhenAny(changed.WaitAsync(cancel), following) is var ready) await ready;
                try
                {
                    if (view is { } now) await Assign(now, cancel);
                }
                catch (Exception e) when (e is System.Net.Sockets.SocketException or SystemCallException or NetlinkException)
                {
                    log($"{e.Message}; again in {RetryAfter.TotalSeconds:0} s");
                    await Task.Delay(RetryAfter, cancel);
                    Wake();
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
        finally
        {
            foreach (var index in loops.Keys.ToList()) await Stop(index);
        }
    }

    private async Task Assign(ClusterView now, CancellationToken cancel)
    {
        using var socket = NetlinkSocket.OpenIn(inside);
        watched = Addresses.List(socket).Select(address => address.Link).ToHashSet();
        var links = NodeLink.List(socket);
        var byLink = now.Addresses.DistinctBy(address => address.Address).Select(address => (Address: address, Link: NodeLink.Of(address.Address, links)))
            .Where(pair => pair.Link is not null).ToLookup(pair => pair.Link!, pair => pair.Address);
        foreach (var (index, running) in loops.ToList())
            if (!byLink.Contains(running.Link)) await Stop(index); // nothing to answer for, or the link is no more what it was
        Drop(socket, LinkAddresses.Find(socket).Where(held => byLink.All(link => link.Key.Link.Index != held.Link)).ToList());
        foreach (var link in byLink)
        {
            if (!loops.TryGetValue(link.Key.Link.Index, out var running)) running = loops[link.Key.Link.Index] = Start(link.Key, cancel);
            running.Loop.Update(now with { Addresses = [.. link] });
        }
    }

    private Running Start(NodeLink link, CancellationToken cancel)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var loop = new LinkLoop(inside, node, link, beat, log);
        return new Running(link, loop, stop, Task.Run(() => loop.Run(stop.Token), CancellationToken.None));
    }

    private async Task Stop(int index)
    {
        loops.Remove(index, out var running);
        await running!.Stop.CancelAsync();
        await running.Task;
        running.Stop.Dispose();
    }

    private void Drop(NetlinkSocket socket, List<LinkAddress> addresses)
    {
        LinkAddresses.Remove(socket, addresses);
        foreach (var address in addresses) log($"no longer answers for {address.Address}: no Service has it, or no link of this node is of its network");
    }

    /// <summary>Addresses that come or go, and changes of links that have some; a message that was lost may have been any.</summary>
    private async Task Follow(NetlinkEvents news, CancellationToken cancel)
    {
        while (true)
            if (await news.Next(cancel) is var messages && view is { Addresses.Count: > 0 } && (messages is null || messages.Any(Concerns))) Wake();

        bool Concerns(NetlinkMessage message) => message.Type is LibC.RTM_NEWADDR or LibC.RTM_DELADDR || watched.Contains(message.Body<LibC.ifinfomsg>().ifi_index);
    }

    private void Wake()
    {
        try { changed.Release(); }
        catch (SemaphoreFullException) { } // it is about to look anyway
    }
}
