using System.Net;
using System.Net.Sockets;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>Answers, or does not, for the addresses of one link: its nodes agree on it among themselves, without the control plane.</summary>
/// <param name="inside">Where the link is.</param>
/// <param name="node">This node's name.</param>
/// <param name="beat">Called while all is well and this node answers for something.</param>
internal sealed class LinkLoop(NetworkNamespace inside, string node, NodeLink link, Action beat, Action<string> log)
{
    /// <summary>Between two hellos.</summary>
    public static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Ticks after which everything is compared with the kernel anyway, and those after which a machine that answers without an agent is asked again.</summary>
    private const int CompareAfter = 40, AskAfter = 4;

    private readonly Liveness liveness = new();
    private readonly AddressHolder holder = new(inside, node, link.Link, log);
    private readonly SemaphoreSlim changed = new(0, 1);
    private volatile ClusterView view = ClusterView.Nothing;
    private volatile bool dirty, returned;
    private int listened, untilCompare;

    /// <summary>What the API says now, with the addresses of this link alone; from any thread.</summary>
    public void Update(ClusterView now)
    {
        view = now;
        Wake();
    }

    /// <summary>Looks at the kernel soon; from any thread.</summary>
    public void Wake()
    {
        dirty = true;
        try { changed.Release(); }
        catch (SemaphoreFullException) { } // it is about to look anyway
    }

    /// <summary>Until cancelled. The addresses stay: whoever runs next finds them.</summary>
    public async Task Run(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try { await Work(cancel); }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
            catch (Exception e) when (e is SocketException or SystemCallException or NetlinkException or IOException)
            {
                log($"{link.Link.Name}: {e.Message}; again in {RetryAfter.TotalSeconds:0} s");
                await Task.Delay(RetryAfter, cancel).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task Work(CancellationToken cancel)
    {
        using var hellos = HelloSocket.Open(inside, link);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var listening = hellos.Listen(Heard, ending.Token);
        try
        {
            dirty = true;
            for (var next = Environment.TickCount64; !listening.IsFaulted;)
            {
                var due = next <= Environment.TickCount64;
                if (due) next = Environment.TickCount64 + (long)TickPeriod.TotalMilliseconds;
                if (due) Tick();
                Compare();
                // Only now: who hears that this node can hold addresses lets go of those that are its.
                if (due) hellos.Send(new Hello(node, IsSettled));
                await changed.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(0, next - Environment.TickCount64)), cancel);
            }
        }
        finally
        {
            await ending.CancelAsync();
            try { await listening; }
            catch (OperationCanceledException) { }
        }
    }

    /// <summary>The node has listened for long enough to know who else is there.</summary>
    private bool IsSettled => listened > Liveness.Patience;

    private void Tick()
    {
        listened = link.Link.Carrier ? listened + 1 : 0; // without carrier nobody is heard
        if (liveness.Tick() || listened is > Liveness.Patience and <= Liveness.Patience + AddressHolder.DoubtTicks + 1 || --untilCompare < 0) dirty = true;
        if (holder.Tick()) beat();
    }

    private void Compare()
    {
        if (!dirty) return;
        dirty = false;
        if (returned) holder.AnnounceAgain();
        returned = false;
        var now = view;
        var (alive, silent) = liveness.Now(now.Peers.Values);
        var others = new Others(alive, silent, Unheard: !liveness.HasHeard && now.Peers.Count > 0);
        untilCompare = holder.Apply(now, others, listened - Liveness.Patience) ? AskAfter : CompareAfter;
    }

    /// <summary>Of a node of the cluster, and not from another one's address.</summary>
    private void Heard(IPAddress sender, Hello hello)
    {
        var peers = view.Peers;
        if (peers.GetValueOrDefault(sender, hello.Node) != hello.Node || !peers.Values.Contains(hello.Node) || !liveness.Heard(hello.Node, hello.Ready)) return;
        returned = true;
        Wake();
    }
}
