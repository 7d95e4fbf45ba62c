using System.Net;
using System.Net.Sockets;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.Dns.Upstream;
using NodeAgent.KernelState;

namespace NodeAgent.Dns;

/// <summary>What a node's DNS is made from.</summary>
/// <param name="Address">The clusterIP of the Service kube-dns.</param>
/// <param name="Domain">E.g. cluster.local.</param>
/// <param name="Networks">Of pods and Services: their reverse names are answered here.</param>
internal sealed record DnsConfig(IPAddress Address, string Domain, IReadOnlyList<IPNetwork> Networks, ILogger Log)
{
    public NetworkNamespace Node { get; init; } = NetworkNamespace.Current;

    /// <summary>How iptables is started; null = in this process' own network namespace.</summary>
    public RunProgram? Run { get; init; }

    public NodeResolvConf Upstream { get; init; } = new();

    /// <summary>Where other nodes' pods are answered while their own agent is away; null = nowhere.</summary>
    public IPAddress? NodeAddress { get; init; }

    /// <summary>Who is answered there.</summary>
    public Func<IPAddress, bool> IsClient { get; init; } = _ => false;

    /// <summary>Told of what others had altered, and who; says how long to leave it alone then.</summary>
    public Func<IReadOnlyList<KernelChange>, string?, TimeSpan> Repaired { get; init; } = (_, _) => TimeSpan.Zero;

    /// <summary>Takes the address away when this process ends without having done so.</summary>
    public bool Guarded { get; init; }
}

/// <summary>
/// The name server of a node: sockets first, then answers, then the rules that keep its packets untracked, and at last the address by which
/// clients find it; taken away in the opposite order. A loop asks it and puts back what others took away.
/// </summary>
internal sealed class DnsServer(DnsConfig config)
{
    /// <summary>What all of this is there for.</summary>
    public const string ApiObject = "Service kube-system/kube-dns";

    /// <summary>The port at the node's own address: its port 53 may belong to a resolver of the machine.</summary>
    public const int NodePort = 10053;

    private const int Port = 53, Tries = 2;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10), BindAgain = TimeSpan.FromSeconds(2);

    private readonly NameTable table = new();
    private readonly ClusterZone zone = new(config.Domain, config.Address, config.Networks);
    private ClusterNames? names;
    private readonly SemaphoreSlim altered = new(0);
    private volatile string? alteredBy;
    private bool rulesFailed;

    /// <summary>To be told of every Service and EndpointSlice.</summary>
    public ClusterNames Names => names ??= NewNames();

    /// <summary>Somebody else may have changed rules; from any thread.</summary>
    /// <param name="by">E.g. "iptables[1234]"; null = unknown.</param>
    public void Altered(string? by)
    {
        alteredBy = by ?? alteredBy;
        altered.Release();
    }

    /// <param name="ready">Done when <see cref="Names"/> has what there is to know; until then queries wait in the sockets.</param>
    public async Task Run(Task ready, CancellationToken cancel)
    {
        var sockets = await Bind(new IPEndPoint(config.Address, Port), cancel);
        var forwarder = new Forwarder(config.Upstream, new UpstreamExchange(config.Node).Ask, address => address.Equals(config.Address));
        var (fast, slow) = (new Responder(zone, table, Names), new SlowResponder(zone, table, forwarder));
        try { await ready.WaitAsync(cancel); }
        catch
        {
            sockets.Dispose();
            throw;
        }
        using var udp = new UdpServer(sockets.Udp, fast, slow);
        using var tcp = new TcpServer(sockets.Tcp, fast, slow);
        await Task.WhenAll(Serve(cancel), ServeOtherNodes(fast, slow, cancel));
    }

    private async Task ServeOtherNodes(Responder fast, SlowResponder slow, CancellationToken cancel)
    {
        if (config.NodeAddress is null) return;
        var sockets = await Bind(new IPEndPoint(config.NodeAddress, NodePort), cancel);
        using var udp = new UdpServer(sockets.Udp, fast, slow, config.IsClient);
        using var tcp = new TcpServer(sockets.Tcp, fast, slow, config.IsClient);
        await Task.Delay(Timeout.Infinite, cancel);
    }

    private ClusterNames NewNames()
    {
        table.Set("", zone.Own);
        return new ClusterNames(table, zone.Domain);
    }

    private async Task<DnsSockets> Bind(IPEndPoint place, CancellationToken cancel)
    {
        for (var told = false; ; told = true)
        {
            try { return DnsSockets.Bind(place, config.Node); }
            catch (SocketException e)
            {
                if (!told) config.Log.LogWarning("DNS is not served at {Place}: {Error}; trying until it is free", place, e.Message);
                await Task.Delay(BindAgain, cancel);
            }
        }
    }

    private async Task Serve(CancellationToken cancel)
    {
        var address = new DnsAddress(config.Address, config.Node);
        var rules = new NoTrackRules(config.Run);
        using var guard = config.Guarded ? new DnsGuard(config.Address) : null;
        var check = new DnsSelfCheck(config.Address, config.Domain, config.Node);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var watching = WatchAddress(ended.Token);
        try
        {
            for (var first = true; ; first = false)
            {
                while (altered.Wait(0)) { }
                var by = Interlocked.Exchange(ref alteredBy, null);
                var mended = (await EnsureRules(rules, cancel)).ToList();
                guard?.Ensure();
                if (address.Ensure()) mended.Add(new(ChangeAction.Add, address.Entry));
                var pause = first || mended.Count == 0 ? TimeSpan.Zero : config.Repaired(mended, by);
                if (first) config.Log.LogInformation("DNS is served at {Address}: {Names} names of {Domain}", config.Address, table.Count, config.Domain);
                if (!await Answers(check, cancel))
                {
                    config.Log.LogError("DNS does not answer at {Address}: the address is taken away until it does", config.Address);
                    address.Remove();
                    pause = LookEvery;
                }
                await Task.Delay(pause, cancel);
                await altered.WaitAsync(LookEvery, cancel);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
            address.Remove();
        }
    }

    /// <summary>Looks at once when an address is taken from lo.</summary>
    private async Task WatchAddress(CancellationToken cancel)
    {
        using var events = new NetlinkEvents(config.Node, LibC.RTNLGRP_IPV4_IFADDR);
        try
        {
            while (true)
            {
                var messages = await events.Next(cancel);
                if (messages?.Any(message => message.Type == LibC.RTM_DELADDR && Addresses.Parse(message).Label == DnsAddress.Label) != false) altered.Release();
            }
        }
        catch (OperationCanceledException) { }
    }

    private static async Task<bool> Answers(DnsSelfCheck check, CancellationToken cancel)
    {
        for (var i = 0; i < Tries; i++)
            if (await check.Answers(cancel)) return true;
        return false;
    }

    /// <summary>Without them DNS works as well, only tracked; that is no reason not to serve.</summary>
    private async Task<IReadOnlyList<KernelChange>> EnsureRules(NoTrackRules rules, CancellationToken cancel)
    {
        try
        {
            var mended = await rules.Ensure(config.Address, cancel);
            rulesFailed = false;
            return mended;
        }
        catch (Exception e) when (e is CommandException or IOException or System.ComponentModel.Win32Exception)
        {
            if (!rulesFailed) config.Log.LogWarning("DNS packets are tracked: {Error}", e.Message);
            rulesFailed = true;
            return [];
        }
    }
}
