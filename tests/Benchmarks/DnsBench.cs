using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Text.RegularExpressions;
using Linux;

namespace Benchmarks;

/// <summary>
/// Queries by UDP for the names of 1,000 Services, to the node's name server and to dnsmasq with the same names, by turns: each in a network
/// namespace, on core 0, the load (dnsperf) on core 1. Figures are answers per second, and how long one takes at 2,000 a second.
/// </summary>
internal sealed class DnsBench : IDisposable
{
    private const int Services = 1000, Rounds = 3, Seconds = 5, SteadyRate = 2000;

    private readonly string directory = Directory.CreateTempSubdirectory("dns-bench-").FullName;
    private readonly PinnedNamespaces machine;

    private DnsBench()
    {
        machine = new PinnedNamespaces(Path.Combine(directory, "machine"));
        machine.Create();
        using var inside = NetworkNamespace.Open(machine.Net);
        using var socket = NetlinkSocket.OpenIn(inside);
        socket.Execute(new NetlinkRequest().SetLink(1, "lo up", up: true).AddAddress(new LinkAddress(1, System.Net.IPAddress.Parse(DnsServerProcess.Address), 32)));
        File.WriteAllLines(Queries, Enumerable.Range(0, Services).Select(i => $"{DnsServerProcess.Name(i)} A"));
        File.WriteAllLines(Hosts, Enumerable.Range(0, Services).Select(i => $"{DnsServerProcess.AddressOf(i)} {DnsServerProcess.Name(i)}"));
    }

    private string Queries => Path.Combine(directory, "queries");
    private string Hosts => Path.Combine(directory, "hosts");

    /// <exception cref="InvalidOperationException">dnsmasq or dnsperf is not installed.</exception>
    public static async Task<IReadOnlyList<Figure>> Run(Action<string> say)
    {
        if (!File.Exists("/usr/sbin/dnsmasq") || !File.Exists("/usr/bin/dnsperf"))
            throw new InvalidOperationException("no dnsmasq or dnsperf here: apt-get install dnsmasq-base dnsperf");
        using var bench = new DnsBench();
        List<double> rate = [], peerRate = [], time = [], peerTime = [];
        for (var round = 0; round < Rounds; round++)
        {
            say($"DNS, round {round + 1} of {Rounds}");
            await bench.Measure([Environment.ProcessPath!, DnsServerProcess.Argument, $"{Services}"], rate, time);
            await bench.Measure(["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", $"--addn-hosts={bench.Hosts}", "--user=root",
                $"--listen-address={DnsServerProcess.Address}", "--bind-interfaces", "--cache-size=10000", "--local-ttl=1", $"--pid-file={bench.directory}/dnsmasq.pid"], peerRate, peerTime);
        }
        return
        [
            new Figure("DNS by UDP on one core, answers per second", new Series("node agent", "1/s", rate), new Series("dnsmasq", "1/s", peerRate), "at least dnsmasq's: a ratio of 1 or more"),
            new Figure($"DNS answer at {SteadyRate} a second", new Series("node agent", "ms", time), new Series("dnsmasq", "ms", peerTime), "p99 no longer than dnsmasq's"),
        ];
    }

    private async Task Measure(string[] server, List<double> rates, List<double> times)
    {
        using var process = Process.Start(new ProcessStartInfo("nsenter", [$"--net={machine.Net}", "--", "taskset", "-c", "0", .. server])
        {
            Environment = { ["XTABLES_LOCKFILE"] = Path.Combine(directory, "xtables.lock") }, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        try
        {
            await UntilItAnswers(process);
            await Load("-l", "1"); // warm-up
            rates.Add(Number(await Load("-l", $"{Seconds}", "-c", "8", "-q", "200"), @"Queries per second:\s+([\d.]+)"));
            // One line a query with -v: "> NOERROR service-1.default.svc.cluster.local A 0.000123".
            times.AddRange(Regex.Matches(await Load("-l", "2", "-Q", $"{SteadyRate}", "-v"), @"(?m)^> NOERROR .* ([\d.]+)$").Select(match => 1000 * Parse(match.Groups[1].Value)));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private async Task UntilItAnswers(Process process)
    {
        for (var i = 0; i < 100; i++)
        {
            if (process.HasExited) throw new InvalidOperationException($"the name server ended: {await process.StandardError.ReadToEndAsync()}");
            if ((await Inside("dig", "+short", "+tries=1", "+time=1", $"@{DnsServerProcess.Address}", DnsServerProcess.Name(1))).Output.StartsWith("10.96.", StringComparison.Ordinal)) return;
            await Task.Delay(100);
        }
        throw new InvalidOperationException("the name server does not answer");
    }

    private async Task<string> Load(params string[] arguments)
    {
        var result = await Inside("taskset", ["-c", "1", "dnsperf", "-s", DnsServerProcess.Address, "-d", Queries, .. arguments]);
        return result.ExitCode == 0 ? result.Output : throw new CommandException("dnsperf", result);
    }

    private Task<CommandResult> Inside(string program, params string[] arguments) => CommandRunner.TryRun("nsenter", [$"--net={machine.Net}", "--", program, .. arguments]);

    private static double Number(string text, string pattern) => Parse(Regex.Match(text, pattern).Groups[1].Value);

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    public void Dispose()
    {
        machine.Remove();
        Directory.Delete(directory, recursive: true);
    }
}
