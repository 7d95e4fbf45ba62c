using System.Net;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>
/// Answers, or does not, for the addresses of Services of type LoadBalancer: the nodes of a link agree on it among themselves, without the
/// control plane. See README.md.
/// </summary>
/// <param name="inside">Where the node's link is.</param>
/// <param name="node">This node's name.</param>
/// <param name="address">Its address.</param>
internal sealed class LoadBalancerLoop(NetworkNamespace inside, string node, IPAddress address, Action<string> log)
{
    /// <summary>Between two hellos.</summary>
    public static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Ticks after which everything is compared with the kernel anyway, and those after which a machine that answers without an agent is asked again.</summary>
    private const int CompareAfter = 40, AskAfter = 4;

    private readonly Liveness liveness = new();
    private readonly AddressHolder holder = new(inside, node, log);
    private readonly SemaphoreSlim changed = new(0, 1);
    private volatile ClusterView? view;
    private volatile bool dirty, returned;
    private int listened, untilCompare;

    /// <summary>What the API says now; from any thread.</summary>
    public void Update(ClusterView now)
    {
        view = now;
        Wake();
    }

    /// <summary>Until cancelled. The addresses stay: whoever runs next finds them.</summary>
    public async Task Run(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await Work(await OwnLink(cancel), cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or SystemCallException or NetlinkException or IOException)
            {
                log($"{e.Message}; again in {RetryAfter.TotalSeconds:0} s");
                await Task.Delay(RetryAfter, cancel).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task<NodeLink> OwnLink(CancellationToken cancel)
    {
        for (; ; await Task.Delay(RetryAfter, cancel))
        {
            using var socket = NetlinkSocket.OpenIn(inside);
            if (NodeLink.Find(socket, address) is { } link) return link;
        }
    }

    /// <summary>Everything on one link, until it is no more what it was.</summary>
    private async Task Work(NodeLink link, CancellationToken cancel)
    {
        using var hellos = HelloSocket.Open(inside, link.Link.Name, address);
        using var news = new NetlinkEvents(inside, LibC.RTNLGRP_IPV4_IFADDR, LibC.RTNLGRP_LINK);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var listening = Task.WhenAll(hellos.Listen(Heard, ending.Token), Follow(news, link.Link.Index, ending.Token));
        try
        {
            dirty = true;
            for (var next = Environment.TickCount64; !listening.IsFaulted;)
            {
                var due = next <= Environment.TickCount64;
                if (due) next = Environment.TickCount64 + (long)TickPeriod.TotalMilliseconds;
                if (due && view is not null) Tick(link);
                if (dirty && NowLink() != link) return; // another link, or the same one went down or has another name
                Compare(link);
                // Only now: who hears that this node can hold addresses lets go of those that are its.
                if (due && view is { Addresses.Count: > 0 } now) hellos.Send(IsSettled, now.Peers.Keys.Where(link.Network.Contains));
                // With no address there is nothing to agree on: sleep until there is.
                await changed.WaitAsync(IsIdle ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, next - Environment.TickCount64)), cancel);
            }
        }
        finally
        {
            await ending.CancelAsync();
            try { await listening; }
            catch (OperationCanceledException) { }
        }
    }

    private bool IsIdle => view is null or { Addresses.Count: 0 };

    private NodeLink? NowLink()
    {
        using var socket = NetlinkSocket.OpenIn(inside);
        return NodeLink.Find(socket, address);
    }

    /// <summary>The node has listened for long enough to know who else is there.</summary>
    private bool IsSettled => listened > Liveness.Patience;

    private void Tick(NodeLink link)
    {
        // While nobody has anything to hold, nobody says anything; and on a link without carrier nobody is heard.
        listened = IsIdle || !link.Link.Carrier ? 0 : listened + 1;
        if (liveness.Tick() || listened is > Liveness.Patience and <= Liveness.Patience + AddressHolder.DoubtTicks + 1 || --untilCompare < 0) dirty = true;
        holder.Tick(link.Link);
    }

    private void Compare(NodeLink link)
    {
        if (!dirty || view is not { } now) return;
        dirty = false;
        if (returned) holder.AnnounceAgain();
        returned = false;
        var (alive, silent) = liveness.Now(now.Peers.Values);
        var others = new Others(alive, silent, Unheard: !liveness.HasHeard && now.Peers.Keys.Any(link.Network.Contains));
        untilCompare = holder.Apply(link, now, others, listened - Liveness.Patience) ? AskAfter : CompareAfter;
    }

    private void Heard(IPAddress sender, bool ready)
    {
        if (view?.Peers.GetValueOrDefault(sender) is not { } peer || !liveness.Heard(peer, ready)) return;
        returned = true;
        Wake();
    }

    private async Task Follow(NetlinkEvents news, int link, CancellationToken cancel)
    {
        while (true)
            if (await news.Next(cancel) is var messages && !IsIdle && (messages is null || messages.Any(Concerns))) Wake();

        bool Concerns(NetlinkMessage message) => message.Type is LibC.RTM_NEWADDR or LibC.RTM_DELADDR
            ? message.Body<LibC.ifaddrmsg>().ifa_index == link : message.Body<LibC.ifinfomsg>().ifi_index == link;
    }

    private void Wake()
    {
        dirty = true;
        try { changed.Release(); }
        catch (SemaphoreFullException) { } // it is about to look anyway
    }
}
