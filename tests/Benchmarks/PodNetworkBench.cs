using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Text.Json;
using Linux;
using NodeAgent.PodNetwork;

namespace Benchmarks;

/// <summary>
/// Adds and deletes pods in a fresh machine namespace, by <see cref="NodeNetwork"/> and by the CNI plugins bridge and host-local, run as a
/// CNI runtime runs them. Both sides make and pin the pod's namespace within the time of the add, and drop it within that of the delete.
/// </summary>
internal sealed class PodNetworkBench : IDisposable
{
    private const string Plugins = "/usr/lib/cni";
    private const int WarmUp = 20;

    private readonly string directory = Directory.CreateTempSubdirectory("pod-network-bench-").FullName;
    private readonly PinnedNamespaces machinePins;
    private readonly NetworkNamespace machine;
    private readonly PodNetworkConfig config;

    private PodNetworkBench()
    {
        machinePins = new PinnedNamespaces(Path.Combine(directory, "machine"));
        machinePins.Create();
        machine = NetworkNamespace.Open(machinePins.Net);
        config = new PodNetworkConfig("bench", IPAddress.Parse("192.168.56.11"), IPNetwork.Parse("10.244.0.0/16"), IPNetwork.Parse("10.96.0.0/16"))
        {
            Node = machine, PodsDirectory = Path.Combine(directory, "pods"),
        };
        using var socket = NetlinkSocket.OpenIn(machine);
        socket.Execute(new NetlinkRequest().SetLink(1, "lo up", up: true).AddBridge("uplink", PhysicalAddress.Parse("02-00-00-00-00-01"), 1500));
        socket.Execute(new NetlinkRequest().AddAddress(new LinkAddress(Links.Find(socket, "uplink")!.Index, config.NodeAddress, 24)));
    }

    /// <exception cref="InvalidOperationException">The plugins are not installed, or failed.</exception>
    public static async Task<IReadOnlyList<Figure>> Run(int pods)
    {
        if (!File.Exists($"{Plugins}/bridge") || !File.Exists($"{Plugins}/host-local"))
            throw new InvalidOperationException($"no CNI plugins in {Plugins}: apt-get install containernetworking-plugins");
        using var bench = new PodNetworkBench();
        var (add, delete) = await bench.Ours(pods);
        var (cniAdd, cniDelete) = bench.Cni(pods);
        return
        [
            new Figure("pod network, add", add, cniAdd, "a tenth of CNI or less"),
            new Figure("pod network, delete", delete, cniDelete, "a tenth of CNI or less"),
        ];
    }

    private async Task<(Series Add, Series Delete)> Ours(int pods)
    {
        await using var network = await NodeNetwork.Start(config, CancellationToken.None);
        await network.SetPeers([]);
        List<TimeSpan> adds = [], deletes = [];
        foreach (var uid in Uids("ours", pods))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(config.NetworkNamespacePath(uid))!);
            var started = Stopwatch.GetTimestamp();
            new PinnedNamespaces(config.NetworkNamespacePath(uid)).Create();
            await network.Add(new PodNetworkRequest("default", uid, uid, config.NetworkNamespacePath(uid)));
            adds.Add(Stopwatch.GetElapsedTime(started));
        }
        foreach (var uid in Uids("ours", pods))
        {
            var started = Stopwatch.GetTimestamp();
            await network.Delete(uid);
            deletes.Add(Stopwatch.GetElapsedTime(started));
        }
        return (Milliseconds("netlink", adds), Milliseconds("netlink", deletes));
    }

    private (Series Add, Series Delete) Cni(int pods)
    {
        List<TimeSpan> adds = [], deletes = [];
        foreach (var uid in Uids("cni", pods))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(config.NetworkNamespacePath(uid))!);
            var started = Stopwatch.GetTimestamp();
            new PinnedNamespaces(config.NetworkNamespacePath(uid)).Create();
            Plugin("ADD", uid);
            adds.Add(Stopwatch.GetElapsedTime(started));
        }
        foreach (var uid in Uids("cni", pods))
        {
            var started = Stopwatch.GetTimestamp();
            Plugin("DEL", uid);
            PinnedNamespaces.Remove(config.NetworkNamespacePath(uid));
            deletes.Add(Stopwatch.GetElapsedTime(started));
        }
        return (Milliseconds("CNI", adds), Milliseconds("CNI", deletes));
    }

    private static Series Milliseconds(string name, IEnumerable<TimeSpan> times) => new(name, "ms", times.Skip(WarmUp).Select(time => time.TotalMilliseconds).ToList());

    private static IEnumerable<string> Uids(string kind, int pods) => Enumerable.Range(0, pods + WarmUp).Select(i => $"{kind}-{i}");

    /// <summary>The child is started from a thread in the machine's namespace, and so is in it; all of it is synchronous for that reason.</summary>
    private void Plugin(string command, string uid) => machine.Run(() =>
    {
        var start = new ProcessStartInfo($"{Plugins}/bridge") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in new[] { ("CNI_COMMAND", command), ("CNI_CONTAINERID", uid), ("CNI_IFNAME", Marks.PodInterface),
                     ("CNI_NETNS", config.NetworkNamespacePath(uid)), ("CNI_PATH", Plugins) })
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Write(PluginConfig());
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{Plugins}/bridge {command}: {output.Trim()}");
    });

    private string PluginConfig() => JsonSerializer.Serialize(new
    {
        cniVersion = "0.4.0", name = "bench", type = "bridge", bridge = "cni0", isGateway = true, ipMasq = false, hairpinMode = true,
        ipam = new { type = "host-local", dataDir = Path.Combine(directory, "ipam"), ranges = new[] { new[] { new { subnet = "10.245.0.0/16" } } }, routes = new[] { new { dst = "0.0.0.0/0" } } },
    });

    public void Dispose()
    {
        NodeNetwork.Cleanup(machine, config.PodsDirectory);
        machine.Dispose();
        machinePins.Remove();
        Directory.Delete(directory, recursive: true);
    }
}
