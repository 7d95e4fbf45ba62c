using System.Net;
using ControlPlane;
using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

/// <summary>A real API server on a free port with all controllers and the scheduler, and imitated nodes.</summary>
public class ControlledCluster : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("controllers-");
    private readonly CancellationTokenSource stopping = new();
    private readonly List<string> lines = [];
    private ControlPlaneHost host = null!;
    private Task controllers = Task.CompletedTask, kubelets = Task.CompletedTask;
    private int namespaces;

    /// <summary>May do everything.</summary>
    public ApiClient Api { get; private set; } = null!;

    internal ImitatedNodes Nodes { get; private set; } = null!;

    private protected virtual ControllerOptions Options => new() { CaCertificate = "the certificate", NodeMonitor = new() { Period = TimeSpan.FromMilliseconds(200), GracePeriod = TimeSpan.FromHours(1) } };

    public async Task InitializeAsync()
    {
        var options = new ControlPlaneOptions(directory.FullName, new IPEndPoint(IPAddress.Loopback, 0), null, IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16");
        host = await ControlPlaneHost.Start(options, NullLoggerFactory.Instance, CancellationToken.None);
        Api = Client("admin", "system:masters");
        controllers = ControllerHost.Run(Client("system:kube-controller-manager"), Client("system:kube-scheduler"), Options with { Authority = host.Authority }, Log, stopping.Token);
        Nodes = new ImitatedNodes(Client("admin", "system:masters"));
        await Nodes.Register("node1");
        await Nodes.Register("node2");
        kubelets = Nodes.Run(stopping.Token);
    }

    public async Task DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(controllers, kubelets);
        Api.Dispose();
        await host.DisposeAsync();
        directory.Delete(recursive: true);
    }

    /// <summary>A namespace that no other test uses.</summary>
    public async Task<string> Namespace()
    {
        var name = $"test-{Interlocked.Increment(ref namespaces)}";
        await Api.Create(new Namespace { Metadata = new ObjectMeta { Name = name } }, default);
        return name;
    }

    public async Task<IReadOnlyList<T>> List<T>(string ns) where T : KubeObject => (await Api.List<T>(new ListOptions(ns), default)).Items;

    /// <summary>Pods that are neither ending nor ended.</summary>
    public async Task<IReadOnlyList<Pod>> Pods(string ns) => (await List<Pod>(ns)).Where(PodState.IsActive).ToList();

    /// <summary>Polls until the condition holds; on failure shows what was seen last and what the controllers said.</summary>
    public async Task<T> Until<T>(Func<Task<T>> read, Func<T, bool> holds)
    {
        var end = DateTime.UtcNow + Bound;
        while (true)
        {
            var value = await read();
            if (holds(value)) return value;
            if (controllers.IsFaulted) await controllers;
            if (DateTime.UtcNow > end) Assert.Fail($"not within {Bound.TotalSeconds} s; last seen: {System.Text.Encoding.UTF8.GetString(KubeJson.Serialize(value!))}\n{string.Join('\n', Lines())}");
            await Task.Delay(20);
        }
    }

    public Task<IReadOnlyList<Pod>> UntilPods(string ns, Func<IReadOnlyList<Pod>, bool> holds) => Until(() => Pods(ns), holds);

    public Task UntilGone<T>(string ns, string name) where T : KubeObject => Until(async () => new { Left = await Api.Find<T>(ns, name, default) }, seen => seen.Left is null);

    internal static ReplicationController ReplicationController(string ns, int replicas, string name = "web") => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns },
        Spec = new ReplicationControllerSpec { Replicas = replicas, Selector = Labels("app=nginx"), Template = Template() },
    };

    internal static Deployment Deployment(string ns, int replicas, string image = "nginx") => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = ns },
        Spec = new DeploymentSpec { Replicas = replicas, Selector = new LabelSelector { MatchLabels = Labels("app=nginx") }, Template = Template(image) },
    };

    internal static Service Service(string ns) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = ns, Labels = Labels("app=nginx") },
        Spec = new ServiceSpec { Selector = Labels("app=nginx"), Ports = [new ServicePort { Port = 80, Protocol = "TCP" }] },
    };

    /// <summary>The controllers run as in a real cluster: with the rights that the default roles give them.</summary>
    public ApiClient Client(string user, params string[] groups) => new(host.Authority.CreateKubeconfig($"https://127.0.0.1:{host.Address.Port}", user, groups), "test");

    private void Log(string line)
    {
        lock (lines) lines.Add(line);
    }

    private string[] Lines()
    {
        lock (lines) return lines.TakeLast(40).ToArray();
    }
}

/// <summary>Never loses patience with silent nodes, and not soon with such that have not written their rules.</summary>
public sealed class PatientCluster : ControlledCluster
{
    private protected override ControllerOptions Options => base.Options with { ProgrammedPatience = TimeSpan.FromSeconds(3) };
}

/// <summary>Loses patience with silent nodes within a test's time.</summary>
public sealed class ImpatientCluster : ControlledCluster
{
    private protected override ControllerOptions Options => base.Options with
    {
        NodeMonitor = new() { Period = TimeSpan.FromMilliseconds(200), GracePeriod = TimeSpan.FromSeconds(8) }, MissingNodeQuarantine = TimeSpan.FromSeconds(1),
    };
}
