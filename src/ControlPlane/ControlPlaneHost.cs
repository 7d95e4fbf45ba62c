using System.Net;
using ControlPlane.ApiServer;
using ControlPlane.Audit;
using ControlPlane.Authentication;
using ControlPlane.Authorization;
using ControlPlane.Certificates;
using ControlPlane.Controllers;
using ControlPlane.NodeProxy;
using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging;

namespace ControlPlane;

/// <param name="DataDirectory">Holds <c>store.db</c> and <c>pki/</c>; only its owner can read it.</param>
/// <param name="Listen">Port 0 takes a free one.</param>
/// <param name="AdvertiseAddress">Where the nodes reach the API server.</param>
internal sealed record ControlPlaneOptions(string DataDirectory, IPEndPoint Listen, string? UnixSocket, IPAddress AdvertiseAddress, string ClusterCidr, string ServiceCidr)
{
    /// <summary>Who did what; on by default.</summary>
    public AuditOptions Audit { get; init; } = new(Path.Combine(DataDirectory, "audit.log"));

    /// <summary>Ports of every node that Services can have.</summary>
    public (int First, int Last) ServiceNodePorts { get; init; } = (30000, 32767);

    /// <summary>Addresses that Services of type LoadBalancer can have.</summary>
    public Controllers.LoadBalancers.AddressPool LoadBalancerPool { get; init; } = Controllers.LoadBalancers.AddressPool.Empty;

    /// <summary>The longest time for which a certificate of a node or user is signed.</summary>
    public TimeSpan CertificateLifetime { get; init; } = TimeSpan.FromDays(365);

    /// <summary>For which the control plane's own certificates and the kubeconfigs that it makes hold.</summary>
    public TimeSpan OwnCertificateLifetime { get; init; } = ClusterCa.DefaultLeafLifetime;

    /// <summary>See <see cref="InFlightLimits"/>.</summary>
    public int MaxReadsInFlight { get; init; } = 400;

    /// <summary>See <see cref="InFlightLimits"/>.</summary>
    public int MaxWritesInFlight { get; init; } = 200;

    /// <summary>How long pods stay bound to a lost node, where they do not say.</summary>
    public Admission.DefaultTolerations DefaultTolerations { get; init; } = new();

    /// <summary>When a node counts as lost.</summary>
    public NodeMonitorOptions NodeMonitor { get; init; } = new();
}

/// <summary>The whole control plane, composed: store, certificates, API server, and the controllers as clients of it.</summary>
internal sealed class ControlPlaneHost : IAsyncDisposable
{
    private readonly ControlPlaneOptions options;
    private readonly ILoggerFactory logs;
    private readonly ClusterCa authority;
    private readonly ServiceAccountKeys keys;
    private readonly AuditLog audit;
    private readonly ObjectStore store;
    private readonly NodeConnection nodes;
    private readonly CancellationTokenSource stopping;
    private readonly ApiServer.ApiServer server;
    private readonly CertificateRenewal renewal;

    private ControlPlaneHost(ControlPlaneOptions options, ILoggerFactory logs, ClusterCa authority, ServiceAccountKeys keys, AuditLog audit, ObjectStore store, NodeConnection nodes, CancellationTokenSource stopping, ApiServer.ApiServer server, CertificateRenewal renewal) =>
        (this.options, this.logs, this.authority, this.keys, this.audit, this.store, this.nodes, this.stopping, this.server, this.renewal) = (options, logs, authority, keys, audit, store, nodes, stopping, server, renewal);

    public IPEndPoint Address => server.Address;

    public ClusterCa Authority => authority;

    /// <summary>Returns when the API server answers and the objects of an empty cluster are there.</summary>
    /// <exception cref="StoreDamagedException">The store's file cannot be used.</exception>
    /// <exception cref="IOException">A file or the address cannot be used.</exception>
    public static async Task<ControlPlaneHost> Start(ControlPlaneOptions options, ILoggerFactory logs, CancellationToken cancel)
    {
        var log = logs.CreateLogger("apiserver");
        Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var addresses = new ServiceAddresses(options.ServiceCidr, options.ServiceNodePorts.First, options.ServiceNodePorts.Last);
        var files = new StoreFiles(options.DataDirectory);
        var store = ObjectStore.Open(files, Kinds.Stored.ToDictionary(kind => kind.Resource.QualifiedName, kind => kind.Resource.Type),
            Kinds.Stored.Where(kind => kind.IsNumerous).Select(kind => kind.Resource.QualifiedName).ToHashSet());
        var authority = OpenAuthority(files, store, options.OwnCertificateLifetime);
        var stopping = new CancellationTokenSource();
        var audit = new AuditLog(options.Audit, line => log.LogWarning("{Line}", line));
        ServiceAccountKeys? keys = null;
        NodeConnection? nodes = null;
        ApiServer.ApiServer? server = null;
        try
        {
            foreach (var problem in addresses.Rebuild(store.Snapshot.List("services").Select(item => (Service)item.Object))) log.LogWarning("{Problem}", problem);
            keys = ServiceAccountKeys.Open(files.Pki);
            nodes = new NodeConnection(store, authority);
            var router = new RequestRouter(store, new Identity(authority, keys, store), addresses, nodes, audit, new InFlightLimits(options.MaxReadsInFlight, options.MaxWritesInFlight), options.DefaultTolerations, log, stopping.Token);
            var serving = new ServingTls(() => ServingCertificate(authority, options, addresses.KubernetesAddress));
            server = await ApiServer.ApiServer.Start(options.Listen, options.UnixSocket, serving, router.Handle, logs, cancel);
            var renewal = new CertificateRenewal(authority, RenewalCheck(options.OwnCertificateLifetime), line => log.LogInformation("{Line}", line));
            renewal.Keep("apiserver", serving.Reread);
            renewal.Keep("apiserver-kubelet-client", nodes.RenewCertificate);
            var host = new ControlPlaneHost(options, logs, authority, keys, audit, store, nodes, stopping, server, renewal);
            OwnClient Connect() => new(authority, host.Url, "system:apiserver", User.Masters);
            using var own = Connect();
            var client = own.Api;
            var bootstrap = new Bootstrap(addresses.KubernetesAddress, new IPEndPoint(options.AdvertiseAddress, server.Address.Port));
            await SlowStart.Retry(async () =>
            {
                await bootstrap.Run(client, cancel);
                await ClusterInfo.Write(client, new IPEndPoint(options.AdvertiseAddress, server.Address.Port), authority.CertificatePem, cancel);
                if (await DnsService.Create(client, addresses.DnsAddress, cancel) is { } noDns) log.LogWarning("{Problem}", noDns);
                await DefaultRolesUpdate.Run(client, store.Snapshot, cancel);
            }, cancel);
            router.Ready = true;
            _ = new EventExpiry(store).Run(stopping.Token);
            _ = bootstrap.Keep(store, Connect, line => log.LogWarning("{Line}", line), stopping.Token);
            _ = Task.Run(() => renewal.Run(stopping.Token), CancellationToken.None);
            return host;
        }
        catch
        {
            if (server is not null) await server.DisposeAsync();
            await audit.DisposeAsync();
            nodes?.Dispose();
            store.Dispose();
            keys?.Dispose();
            authority.Dispose();
            throw;
        }
    }

    /// <summary>The controllers and the scheduler, until cancelled.</summary>
    public async Task RunControllers(CancellationToken cancel)
    {
        var log = logs.CreateLogger("controllers");
        using var client = new OwnClient(authority, Url, "system:kube-controller-manager");
        using var scheduler = new OwnClient(authority, Url, "system:kube-scheduler");
        renewal.Keep("controller-manager", () => client.RenewIfDue(authority));
        renewal.Keep("scheduler", () => scheduler.RenewIfDue(authority));
        var controllers = new ControllerOptions
        {
            Begun = GiveBackMemory, ClusterCidr = options.ClusterCidr, LoadBalancerPool = options.LoadBalancerPool, CaCertificate = authority.CertificatePem, Authority = authority, CertificateLifetime = options.CertificateLifetime,
            NodeMonitor = options.NodeMonitor, DefaultTolerations = options.DefaultTolerations,
        };
        try { await ControllerHost.Run(client.Api, scheduler.Api, controllers, line => log.LogInformation("{Line}", line), cancel); }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
    }

    /// <summary>Loading and listing the cluster leave as much garbage as there are objects, which an idle process would keep for long.</summary>
    private static void GiveBackMemory() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync(); // ends the watches, which would otherwise hold the server open
        await server.DisposeAsync();
        await audit.DisposeAsync();
        nodes.Dispose();
        store.Dispose();
        keys.Dispose();
        authority.Dispose();
        stopping.Dispose();
        if (options.UnixSocket is not null) File.Delete(options.UnixSocket);
    }

    /// <summary>Disposes the store if it fails.</summary>
    private static ClusterCa OpenAuthority(StoreFiles files, ObjectStore store, TimeSpan leafLifetime)
    {
        try
        {
            files.RequireAuthority();
            return ClusterCa.Open(files.Pki, leafLifetime);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Where this process reaches its own API server.</summary>
    private string Url
    {
        get
        {
            var address = server.Address.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : server.Address.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : server.Address.Address;
            return $"https://{new IPEndPoint(address, server.Address.Port)}";
        }
    }

    /// <summary>Often enough for short lives, too.</summary>
    private static TimeSpan RenewalCheck(TimeSpan lifetime) => lifetime / 24 is var often && often < TimeSpan.FromMinutes(1) ? often : TimeSpan.FromMinutes(1);

    private static System.Security.Cryptography.X509Certificates.X509Certificate2 ServingCertificate(ClusterCa authority, ControlPlaneOptions options, IPAddress kubernetes)
    {
        string[] names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", Dns.GetHostName()];
        IPAddress[] addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback, options.AdvertiseAddress, kubernetes, options.Listen.Address];
        return authority.ServingCertificate(names.Distinct().ToList(), addresses.Distinct().ToList());
    }
}
