using System.Collections.Concurrent;
using System.Net;
using KubeApi;
using KubeApi.Objects;
using Linux;
using NodeAgent;
using NodeAgent.Containers;
using NodeAgent.Dns;
using NodeAgent.Images;
using NodeAgent.Kubelet;
using NodeAgent.Probes;
using NodeAgent.Volumes;

namespace KernelTests.Kubelet;

/// <summary>
/// A kubelet over directories of its own, real runc, conmon, overlayfs and namespaces; only the pod network is left
/// out (it has tests of its own). Stopping and starting the agent keeps the directories.
/// </summary>
internal sealed class TestNode : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly string directory = Directory.CreateTempSubdirectory("kubelet-test-").FullName;
    private CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;
    private Informer<Pod>? informer;
    private NodeAgent.Kubelet.Kubelet? kubelet;
    private readonly string runc;

    private TestNode() => (Paths, runc) = (new NodePaths($"{directory}/run", $"{directory}/lib", $"{directory}/logs"), $"{directory}/runc");

    /// <summary>While there is this file, the command of runc hangs, e.g. "delete".</summary>
    public string Hang(string command) => $"{directory}/hangs-{command}";

    /// <summary>Everything of it lies here; gone afterwards.</summary>
    public string Root => directory;

    public NodePaths Paths { get; }
    public NodeAgent.Kubelet.Kubelet Kubelet => kubelet!;
    public TestApi Api { get; } = new();
    public ConcurrentQueue<string> Log { get; } = new();
    public ContainerSettings Settings { get; set; } =
        new((_, _) => Task.FromResult<IEnumerable<Service>>([]), ObjectReader.None, new SeccompProfiles(SeccompProfiles.DefaultFile, "/nowhere", confinesAll: true));

    /// <summary>What pods may name in imagePullSecrets.</summary>
    public ConcurrentDictionary<string, Secret> Secrets { get; } = new();

    public OciRuntime Runtime => new(Paths.RuncRoot, Paths.Exits, runc);

    public static async Task<TestNode> Create()
    {
        var node = new TestNode();
        await TestImage.Create($"{node.directory}/store");
        Directory.CreateDirectory(node.Paths.RunPods);
        File.WriteAllText(node.runc, $"#!/bin/bash\nfor word; do [ ! -e \"{node.directory}/hangs-$word\" ] || exec sleep 600; done\nexec {OciRuntime.Runc} \"$@\"\n");
        File.SetUnixFileMode(node.runc, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        node.StartAgent();
        return node;
    }

    public void StartAgent()
    {
        stop = new CancellationTokenSource();
        var client = new ApiClient(Api.Url, new SocketsHttpHandler(), "test");
        var recorder = new EventRecorder(client, Log.Enqueue, "node1");
        var events = Events = new KubeletEvents(recorder);
        var images = new ImagePuller(new ImageStore(Paths.Images, [$"{directory}/store"]),
            new PullSecrets((_, name, _) => Task.FromResult(Secrets.GetValueOrDefault(name))), events, Paths.RegistryAuth);
        var objects = new NodeObjects(client);
        var volumes = new NodeVolumes(Paths, objects, new PodTokens(client), new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("1Gi") }, events, Log.Enqueue);
        var containers = new ContainerStarter(Paths, images, Runtime, Settings, events, volumes);
        var sandbox = new PodSandbox(Paths, () => new DnsSettings([], "cluster.local", new ResolvConf(["192.0.2.1"], [], [])),
            new SandboxNetwork((_, _, _) => Task.FromResult(IPAddress.Parse("10.244.9.2")), (_, _) => Task.CompletedTask));
        var parts = new PodWorkerParts(Paths, sandbox, containers, Runtime, events, _ => new PodStatusWriter(client, Log.Enqueue),
            (pod, cancel) => client.Delete<Pod>(pod.Namespace, pod.Name, cancel), "192.0.2.10", Log.Enqueue)
        {
            Probe = new Prober(Runtime, events, Log.Enqueue).Start,
            Volumes = volumes, Admission = new PodAdmission(new PodSysctls([]), appArmor: false),
        };
        informer = new Informer<Pod>(client, Log.Enqueue);
        informer.Changed += objects.PodChanged;
        informer.Changed += volumes.PodChanged;
        kubelet = new NodeAgent.Kubelet.Kubelet(parts, new PodAdoption(Paths, containers, Runtime, Log.Enqueue), informer);
        running = Task.WhenAll(recorder.Run(stop.Token), informer.Run(stop.Token), volumes.Run(stop.Token), kubelet.Run(stop.Token));
    }

    public void Evict(Pod pod, PodFailure failure) => kubelet!.Evict(pod.Metadata.Uid!, failure);

    /// <summary>As the agent's end: containers go on.</summary>
    public async Task StopAgent()
    {
        await stop.CancelAsync();
        try { await running; }
        catch (OperationCanceledException) { }
    }

    /// <returns>The pod's name.</returns>
    public string Run(string[] args, string policy = "Always", Func<Container, Container>? container = null, Func<PodSpec, PodSpec>? spec = null, long grace = 30, string? uid = null)
    {
        var name = $"p{Guid.NewGuid():N}"[..12];
        var only = new Container { Name = "c", Image = TestImage.Name, ImagePullPolicy = "IfNotPresent", Args = args };
        var podSpec = new PodSpec { Containers = [container?.Invoke(only) ?? only], RestartPolicy = policy, TerminationGracePeriodSeconds = grace };
        Api.Put(new Pod
        {
            Metadata = new ObjectMeta { Name = name, Namespace = "default", Uid = uid ?? Guid.NewGuid().ToString() }, Spec = spec?.Invoke(podSpec) ?? podSpec,
        });
        return name;
    }

    public void Delete(string name, long grace)
    {
        var pod = Api.Pod(name)!;
        Api.Put(pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTime.UtcNow.AddSeconds(grace), DeletionGracePeriodSeconds = grace } });
    }

    public async Task<Pod> WaitFor(string name, string what, Func<Pod, bool> condition)
    {
        await Until($"{name}: {what}", () => Api.Pod(name) is { } pod && pod.Status is not null && condition(pod));
        return Api.Pod(name)!;
    }

    public Task<Pod> Running(string name) => WaitFor(name, "Running", pod => Status(pod).State?.Running is not null);

    public Task Gone(string name) => Until($"{name} gone", () => Api.Pod(name) is null);

    public static ContainerStatus Status(Pod pod) => pod.Status!.ContainerStatuses!.Single();

    public KubeletEvents Events { get; private set; } = null!;

    public PodRecord? TryRecord(Pod pod) => StateFile.TryRead<PodRecord>(Paths.PodRecord(pod.Metadata.Uid!));

    public PodRecord Record(Pod pod) => StateFile.TryRead<PodRecord>(Paths.PodRecord(pod.Metadata.Uid!))!;

    public string ContainerLog(Pod pod, int attempt = 0) =>
        CriLog.Text(File.ReadAllText(Path.Combine(Paths.LogDirectory(pod.Namespace, pod.Name, pod.Metadata.Uid!), "c", $"{attempt}.log")));

    public async Task Until(string what, Func<bool> condition)
    {
        for (var end = DateTime.UtcNow + Bound; !condition(); await Task.Delay(20))
            if (DateTime.UtcNow > end)
                throw new TimeoutException($"{what}\n{string.Join('\n', Log)}\n{string.Join('\n', Api.Events.Select(item => $"{item.Reason}: {item.Message}"))}");
    }

    /// <summary>What is left on the machine of pods that are gone: mounts, containers, cgroups, directories.</summary>
    public async Task<IReadOnlyList<string>> Leftovers() =>
    [
        .. Mounts.Read().Select(mount => mount.Target).Where(target => target.StartsWith(directory, StringComparison.Ordinal)),
        .. (await Runtime.List(CancellationToken.None)).Select(container => $"container {container.Id}"),
        .. new[] { Paths.RunPods, Paths.LibPods, Paths.Logs, Paths.Exits }.Where(Directory.Exists).SelectMany(Directory.GetFileSystemEntries),
    ];

    public async ValueTask DisposeAsync()
    {
        await StopAgent();
        foreach (var container in await Runtime.List(CancellationToken.None)) await Runtime.Delete(container.Id, CancellationToken.None);
        foreach (var mount in Mounts.Read().Where(mount => mount.Target.StartsWith(directory, StringComparison.Ordinal)).Reverse()) Mounts.Remove(mount.Target);
        if (Directory.Exists(Paths.RunPods))
            foreach (var pod in Directory.GetDirectories(Paths.RunPods)) PodCgroup.Remove(Path.GetFileName(pod));
        Cgroups.Remove("nodeagent");
        Api.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
