using System.Diagnostics;
using System.Net;
using Linux;

namespace Benchmarks;

/// <summary>
/// The peer of <see cref="PodStartup"/>: a bare <c>runc run</c> of the same root file system, in a network namespace
/// that is there already, to the first HTTP answer from inside that namespace. No image store, no overlay, no network.
/// </summary>
internal static class RuncRun
{
    public static async Task<Series> Measure(string rootfs, int runs)
    {
        var bundle = Directory.CreateTempSubdirectory("nodeagent-bench-").FullName;
        using var holder = Process.Start("unshare", ["--net", "sleep", "600"]);
        try
        {
            await OwnNamespace(holder.Id);
            await CommandRunner.Run("nsenter", ["--target", $"{holder.Id}", "--net", "ip", "link", "set", "lo", "up"]);
            File.WriteAllBytes(Path.Combine(bundle, "config.json"), Config(rootfs, $"/proc/{holder.Id}/ns/net").ToJson());
            using var network = NetworkNamespace.OfProcess(holder.Id);
            var samples = new List<double>();
            for (var i = 0; i < runs; i++) samples.Add(await One(bundle, $"nodeagent-bench-{Environment.ProcessId}-{i}", network));
            return new Series("runc run", "ms", samples);
        }
        finally
        {
            holder.Kill();
            Directory.Delete(bundle, recursive: true);
        }
    }

    /// <summary>unshare(1) is the host's like any process until it has made its namespace.</summary>
    private static async Task OwnNamespace(int pid)
    {
        static string? Of(string process) => new FileInfo($"/proc/{process}/ns/net").LinkTarget;
        for (var i = 0; i < 1000 && Of($"{pid}") == Of("self"); i++) await Task.Delay(5);
    }

    private static async Task<double> One(string bundle, string id, NetworkNamespace network)
    {
        var root = Path.Combine(bundle, "state");
        var start = Stopwatch.GetTimestamp();
        using var runc = Process.Start(new ProcessStartInfo("runc", ["--root", root, "run", "--bundle", bundle, id]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            Http.WaitForOk(network, IPAddress.Loopback, 80, TimeSpan.FromSeconds(30));
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        finally
        {
            await CommandRunner.Run("runc", ["--root", root, "delete", "--force", id]);
            await runc.WaitForExitAsync();
        }
    }

    private static OciSpec Config(string rootfs, string network) => new()
    {
        Process = new OciProcess
        {
            User = new OciUser(0, 0), Args = ["nginx", "-g", "daemon off;"], Cwd = "/",
            Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            Capabilities = new OciCapabilities(Capabilities, Capabilities, Capabilities),
        },
        Root = new OciRoot(rootfs, Readonly: true),
        Mounts =
        [
            new OciMount("/proc", "proc", "proc", []),
            new OciMount("/dev", "tmpfs", "tmpfs", ["nosuid", "mode=755"]),
            .. new[] { "/run", "/tmp", "/var/lib/nginx", "/var/log/nginx", "/var/cache/nginx" }
                .Where(path => Directory.Exists(rootfs + path)).Select(path => new OciMount(path, "tmpfs", "tmpfs", ["mode=755"])),
        ],
        Linux = new OciLinux
        {
            Namespaces = [new OciNamespace("pid"), new OciNamespace("mount"), new OciNamespace("ipc"), new OciNamespace("uts"), new OciNamespace("network", network)],
        },
    };

    private static readonly string[] Capabilities = ["CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID", "CAP_CHOWN", "CAP_DAC_OVERRIDE"];
}
