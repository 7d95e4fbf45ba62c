using EndToEndTests.Fixture;

namespace EndToEndTests.LoadBalancers;

/// <summary>A loop of HTTP calls on a machine, each with the time at which it ended, in milliseconds, and its status code (000: no answer within half a second).</summary>
internal sealed class TimedCalls : IAsyncDisposable
{
    private readonly TestCluster cluster;
    private readonly string machine, file, pid;

    private TimedCalls(TestCluster cluster, string machine, string file, string pid) => (this.cluster, this.machine, this.file, this.pid) = (cluster, machine, file, pid);

    public static async Task<TimedCalls> Start(TestCluster cluster, string machine, string url)
    {
        var file = $"/run/calls-{Guid.NewGuid():N}";
        var pid = await cluster.Ssh(machine, "sh", "-c", $$"""
            (for i in $(seq 20000); do code=$(curl -s -o /dev/null --connect-timeout 0.3 -m 0.5 -w '%{http_code}' {{url}}); echo $(date +%s%3N) $code >>{{file}}; sleep 0.02; done) >/dev/null 2>&1 & echo $!
            """);
        return new TimedCalls(cluster, machine, file, pid.Trim());
    }

    /// <summary>Waits until so many calls in a row, from now on, have succeeded.</summary>
    public async Task Succeed(int count)
    {
        var already = (await Calls()).Count;
        await Eventually.Get($"{count} calls in a row with 200", Calls, calls => calls.Count >= already + count && calls.TakeLast(count).All(call => call.Code == "200"));
    }

    public async Task<int> Failed() => (await Calls()).Count(call => call.Code != "200");

    /// <summary>How many calls there were, how many failed, and the longest time between two that did not.</summary>
    public async Task<string> Summary()
    {
        var calls = await Calls();
        var good = calls.Where(call => call.Code == "200").Select(call => call.Milliseconds).ToList();
        return $"{calls.Count} calls, {calls.Count - good.Count} failed, at most {good.Zip(good.Skip(1), (first, next) => next - first).DefaultIfEmpty().Max()} ms between two that succeeded";
    }

    private async Task<IReadOnlyList<(long Milliseconds, string Code)>> Calls() =>
        [.. (await cluster.Ssh(machine, "sh", "-c", $"cat {file} 2>/dev/null || true")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')).Where(words => words.Length == 2).Select(words => (long.Parse(words[0]), words[1]))];

    public async ValueTask DisposeAsync() => await cluster.Ssh(machine, "sh", "-c", $"kill {pid} 2>/dev/null; rm -f {file}");
}
