namespace EndToEndTests.Fixture;

/// <summary>A loop of HTTP calls on a machine, one after the other, each with its status code in a file (000 and curl's exit code: no answer).</summary>
internal sealed class ConstantCalls : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly string _machine, _file, _pid;

    private ConstantCalls(TestCluster cluster, string machine, string file, string pid) => (_cluster, _machine, _file, _pid) = (cluster, machine, file, pid);

    /// <param name="seconds">How long a call may take.</param>
    public static async Task<ConstantCalls> Start(TestCluster cluster, string machine, string url, int seconds = 1)
    {
        var file = $"/run/calls-{Guid.NewGuid():N}";
        var pid = await cluster.Ssh(machine, "sh", "-c",
            $"(for i in $(seq 5000); do echo $(curl -s -o /dev/null -m {seconds} -w '%{{http_code}}' {url} || echo \", curl $?\") >>{file}; sleep 0.05; done) >/dev/null 2>&1 & echo $!");
        return new ConstantCalls(cluster, machine, file, pid.Trim());
    }

    /// <summary>Waits until the next so many calls in a row, from now on, have all succeeded.</summary>
    public async Task Succeed(int count)
    {
        var already = (await Codes()).Length;
        await Eventually.Get($"{count} calls in a row with 200", Codes, codes => codes.Length >= already + count && codes[^count..].All(code => code == "200"));
    }

    public async Task<string[]> Codes() =>
        (await _cluster.Ssh(_machine, "sh", "-c", $"cat {_file} 2>/dev/null || true")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async ValueTask DisposeAsync() => await _cluster.Ssh(_machine, "sh", "-c", $"kill {_pid} 2>/dev/null; rm -f {_file}");
}
