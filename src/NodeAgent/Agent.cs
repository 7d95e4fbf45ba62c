using System.Net;
using KubeApi;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.Containers;
using NodeAgent.Dns;
using NodeAgent.Eviction;
using NodeAgent.HostPorts;
using NodeAgent.Images;
using NodeAgent.Joining;
using NodeAgent.Kubelet;
using NodeAgent.Logs;
using NodeAgent.PodNetwork;
using NodeAgent.Probes;
using NodeAgent.Server;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.StaticPods;
using NodeAgent.Stats;
using NodeAgent.Streams;
using NodeAgent.Volumes;

namespace NodeAgent;

/// <summary>
/// <c>nodeagent run</c>: the parts of a node, put together. Ends with the token; pods, network and Service rules stay
/// as they are, and the next run adopts them.
/// </summary>
internal sealed class Agent
{
    private readonly AgentOptions options;
    private readonly ILoggerFactory logging;
    private readonly Action<string> log;
    private readonly NodeCredentials credentials;
    private readonly ApiClient client;
    private readonly Informer<Pod> pods;
    private readonly Informer<Node> nodes;
    private readonly Informer<Service> services;
    private readonly Informer<EndpointSlice> slices;
    private readonly NodeObjects objects;
    private readonly EventRecorder events;
    private readonly StaticPods.StaticPods staticPods;
    private readonly HostPortMapper hostPorts;
    private readonly NetworkPart network;
    private readonly DriftPart drift;
    private readonly ProgrammedProgress progress = new();
    private readonly EndpointWithdrawal withdrawal;

    public Agent(AgentOptions options, Kubeconfig kubeconfig, ILoggerFactory logging)
    {
        (this.options, this.logging) = (options, logging);
        var logger = logging.CreateLogger("nodeagent");
        log = message => logger.LogInformation("{Message}", message);
        credentials = new NodeCredentials(options.Kubeconfig, kubeconfig);
        client = new ApiClient(new Uri(kubeconfig.Server), credentials.Handler, $"nodeagent/{options.NodeName}");
        pods = new Informer<Pod>(client, log, new ListOptions(FieldSelector: $"spec.nodeName={options.NodeName}"));
        nodes = new Informer<Node>(client, log);
        services = new Informer<Service>(client, log);
        slices = new Informer<EndpointSlice>(client, log);
        objects = new NodeObjects(client);
        events = new EventRecorder(client, log, options.NodeName);
        withdrawal = new EndpointWithdrawal(options.NodeName, options.EndpointWithdrawal, slices.Synced);
        slices.Changed += withdrawal.Changed;
        staticPods = new StaticPods.StaticPods(options.PodManifestPath, options.NodeName, client, pods, nodes,
            (type, reason, message) => new KubeletEvents(events).Record(new Node { Metadata = new ObjectMeta { Name = options.NodeName } }, type, reason, message), log);
        pods.Changed += objects.PodChanged; // before the kubelet: it finds what a pod needs being fetched
        drift = new DriftPart(options.NodeName, new KubeletEvents(events), logging.CreateLogger("drift"));
        network = new NetworkPart(options, nodes, logging.CreateLogger("network"), drift.Repairs);
        hostPorts = new HostPortMapper(PodRecords.HostPorts(options.Paths), logging.CreateLogger("host ports"), repaired: drift.Repairs.Done);
    }

    public async Task Run(Uri controlPlane, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // First of all: whoever waits for a sign of this node shall not wait for the rest.
        var lease = NewLease().Run(ending.Token);
        try { await RunParts(controlPlane, lease, ending); }
        finally
        {
            await ending.CancelAsync();
            await lease;
        }
    }

    private async Task RunParts(Uri controlPlane, Task lease, CancellationTokenSource ending)
    {
        var cancel = ending.Token;
        Mounts.MakeShared(options.Paths.RunPods);
        Directory.CreateDirectory(options.Paths.Lib);
        var (runc, conmon) = await OciRuntime.Versions(cancel);
        var address = await ChooseAddress(controlPlane, cancel);
        log($"node {options.NodeName}, runc {runc}, conmon {conmon}");
        StateFile.Write(NodeRecord.Place(options.Paths), NodeRecord.Of(options, address));

        var kubeletEvents = new KubeletEvents(events);
        var images = new NodeImages(options.Paths, options.NodeName, options.ImageStores, options.Images, new PullSecrets(objects.Secret), kubeletEvents, log);
        images.RemoveAbandoned();
        var volumes = NewVolumes(kubeletEvents);
        var kubelet = NewKubelet(address, kubeletEvents, images, volumes);
        var disk = new PodDiskUsage(options.Paths, PodByKey);
        var stats = new NodeStats(options.NodeName, options.Paths, () => kubelet.Records, pod => disk.Of(pod, TimeSpan.FromMinutes(1)));
        var eviction = new NodeEviction(options, kubelet, stats, disk, images, kubeletEvents, PodByKey, log);
        kubelet.Admit = eviction.Admit;
        await using var server = await NodeServer.Start(new IPEndPoint(IPAddress.Any, options.Port), credentials.Access, Routes(kubelet, new StatsEndpoints(stats)), logging, cancel);
        var identity = Identity(address, runc) with { ServerPort = server.Port, Images = images.Status, ExternalAddress = options.NodeExternalIp?.Of(address) };
        var registration = new NodeRegistration(client, identity, nodes, options.NodeStatusUpdateFrequency, log);
        var balancers = new LoadBalancerPart(options, nodes, services, slices, logging.CreateLogger("load balancers"));
        var proxy = new ServicePart(options, nodes, services, slices, network, progress, logging.CreateLogger("services"), drift.Repairs);
        var proxyHealth = new ServiceHealthPart(options, proxy.Proxier, nodes, services, events, logging.CreateLogger("services"));
        var dns = DnsPart.Create(options, address, nodes, services, slices, logging.CreateLogger("dns"), drift.Repairs);
        drift.Tell(proxy.Altered, hostPorts.Altered, dns is null ? null : dns.Altered);
        Task[] parts =
        [
            pods.Run(ending.Token), nodes.Run(ending.Token), services.Run(ending.Token), slices.Run(ending.Token), events.Run(ending.Token),
            lease, registration.Run(ending.Token),
            Watched("pod network", () => network.Run(address, () => registration.SetProblem(null), ending.Token)),
            Watched("service proxy", () => proxy.Run(ending.Token)),
            Watched("load balancers", () => balancers.Run(proxy.Proxier.FirstWritten, ending.Token)),
            Watched("health checks", () => proxyHealth.Run(ending.Token)),
            Watched("static pods", () => staticPods.Run(kubelet, ending.Token)),
            Watched("images", () => images.Run(ending.Token)), Watched("volumes", () => volumes.Run(ending.Token)), Watched("kubelet", () => kubelet.Run(ending.Token)),
            Watched("eviction", () => eviction.Run(registration.SetPressure, ending.Token)),
            Watched("statistics", () => stats.Run(ending.Token)),
            Watched("log rotation", () => new LogRotation(options.Paths, options.LogRotation, log).Run(ending.Token)),
            Watched("drift", () => drift.Run(ending.Token)),
            Watched("certificates", () => new CertificateRotation(credentials, client, options.NodeName, address, log).Run(ending.Token)),
            Watched("host ports", () => hostPorts.Run(ending.Token)),
            Watched("dns", () => DnsPart.Run(dns, options.Paths, services, slices, ending.Token)),
        ];
        // A node with half an agent looks healthy: one part's failure ends the others, and whoever started the agent starts it anew.
        await foreach (var ended in Task.WhenEach(parts))
            if (ended.IsFaulted) await ending.CancelAsync();
        await Task.WhenAll(parts);
        await network.DisposeAsync();
    }

    private NodeLease NewLease() => new(client, options.NodeName, options.Paths, progress, options.NodeLeaseDuration, () => nodes.Items.Count, log) { Owner = () => nodes.Get(options.NodeName) };

    /// <summary>What the node's own port answers, to the API server alone.</summary>
    private NodeRoutes Routes(Kubelet.Kubelet kubelet, StatsEndpoints stats) => new(
    [
        new("/healthz", request => request.Text("ok")),
        new("/containerLogs/{namespace}/{pod}/{container}", new ContainerLogs(options.Paths, new OciRuntime(options.Paths.RuncRoot, options.Paths.Exits), PodByKey).Handle),
        new("/stats/summary", stats.Summary), new("/metrics/resource", stats.Resources),
        .. new PodStreams(kubelet, pods, new OciRuntime(options.Paths.RuncRoot, options.Paths.Exits), options.Paths).Routes, new("/podTunnel/{address}/{port}", new PodTunnel(kubelet, pods).Open),
    ]);

    private NodeIdentity Identity(IPAddress address, string runc) => new(options.NodeName, address, NodeFactsReader.SystemInfo(runc),
        NodeFactsReader.Capacity(options.Paths.Lib), NodeFactsReader.Allocatable(options.Paths.Lib, options.Eviction));

    /// <summary>A route to the control plane may come a moment after the agent, at boot.</summary>
    private async Task<IPAddress> ChooseAddress(Uri controlPlane, CancellationToken cancel)
    {
        for (var delay = TimeSpan.FromMilliseconds(200); ; delay *= 2)
        {
            try
            {
                var host = (await System.Net.Dns.GetHostAddressesAsync(controlPlane.Host, cancel))[0];
                var address = PodNetwork.NodeAddress.Choose(options.NodeIp, host);
                log($"node address {PodNetwork.NodeAddress.Reason(address, options.NodeIp, host)}");
                return address;
            }
            catch (Exception e) when (e is InvalidOperationException or System.Net.Sockets.SocketException && delay < TimeSpan.FromSeconds(20))
            {
                log($"{e.Message}; again in {delay.TotalSeconds:0.0} s");
                await Task.Delay(delay, cancel);
            }
        }
    }

    private NodeVolumes NewVolumes(KubeletEvents events)
    {
        var volumes = new NodeVolumes(options.Paths, objects, new PodTokens(client), NodeFactsReader.Allocatable(options.Paths.Lib, options.Eviction), events, log);
        pods.Changed += volumes.PodChanged;
        return volumes;
    }

    private Kubelet.Kubelet NewKubelet(IPAddress address, KubeletEvents events, NodeImages images, NodeVolumes volumes)
    {
        var paths = options.Paths;
        var runtime = new OciRuntime(paths.RuncRoot, paths.Exits);
        var containers = new ContainerStarter(paths, images.Puller, runtime, ContainerSettings(), events, volumes);
        var sandbox = new PodSandbox(paths, () => new DnsSettings(options.ClusterDns, options.ClusterDomain, new NodeResolvConf().Read()),
            new SandboxNetwork(network.Connect, network.Disconnect) { NodeAddress = $"{address}", HostPorts = hostPorts }, events);
        var parts = new PodWorkerParts(paths, sandbox, containers, runtime, events, pod => new PodStatusWriter(client, log, StaticPodManifest.IsStatic(pod) ? staticPods.Mirror : null), DeletePod, address.ToString(), log)
        {
            Volumes = volumes, Withdrawal = withdrawal,
            Node = () => nodes.Get(options.NodeName),
            Admission = new PodAdmission(new PodSysctls(options.Containers.AllowedUnsafeSysctls ?? []), PodAdmission.AppArmorIsEnabled()),
            Probe = new Prober(runtime, events, log).Start,
        };
        var kubelet = new Kubelet.Kubelet(parts, new PodAdoption(paths, containers, runtime, log), pods) { OwnPods = staticPods.Known };
        objects.Changed += kubelet.ReferencesChanged;
        return kubelet;
    }

    private ContainerSettings ContainerSettings() => new(KnownServices, new ObjectReader(objects.Secret, objects.ConfigMap),
        new SeccompProfiles(SeccompProfiles.DefaultFile, Path.Combine(options.Paths.Lib, "seccomp"), options.Containers.SeccompDefault))
    {
        Allocatable = NodeFactsReader.Allocatable(options.Paths.Lib, options.Eviction), NodeMemory = NodeFactsReader.Capacity(options.Paths.Lib)["memory"].Value, PodMaxPids = options.Containers.PodMaxPids,
    };

    /// <summary>A container that starts before Services are known would never learn of them; a static pod may have to start without a control plane.</summary>
    private async Task<IEnumerable<Service>> KnownServices(Pod pod, CancellationToken cancel)
    {
        if (pod.Metadata.Annotations?.GetValueOrDefault("kubernetes.io/config.source") is null or "api") await services.Synced.WaitAsync(cancel);
        return services.Items;
    }

    /// <summary>By namespace and name: a static pod where a mirror goes by that name.</summary>
    private Pod? PodByKey(string key) => staticPods.Get(key) ?? pods.Get(key);

    private async Task DeletePod(Pod pod, CancellationToken cancel)
    {
        if (StaticPodManifest.IsStatic(pod)) return; // the API never had it; its mirror goes once it has ended
        try
        {
            await client.Delete<Pod>(pod.Namespace, pod.Name, cancel,
                new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } });
        }
        catch (ApiException e) when (e.IsConflict) { } // another pod of this name by now: ours is gone
    }

    /// <summary>A part that fails takes the agent down: whoever supervises it starts it anew, and it adopts what runs.</summary>
    private async Task Watched(string part, Func<Task> run)
    {
        try { await run(); }
        catch (OperationCanceledException) { }
        catch (Exception e) { throw new InvalidOperationException($"{part}: {e.Message}", e); }
    }
}
