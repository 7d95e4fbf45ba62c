using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Certificates;
using KubeApi;

namespace Benchmarks.Api;

/// <summary><c>controlplane run</c> of out/ on a port of 127.0.0.1, controllers and all.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;

    private ServerProcess(Process process, int port, Kubeconfig admin, double ready) => (this.process, Port, Admin, ReadySeconds) = (process, port, admin, ready);

    public int Port { get; }

    public Kubeconfig Admin { get; }

    /// <summary>From its start to the first 200 of /readyz.</summary>
    public double ReadySeconds { get; }

    /// <summary>Resident memory in MB, as ps and top show it.</summary>
    public double Memory => Idle.Memory(process.Id);

    /// <summary>Seconds of CPU so far.</summary>
    public double Cpu => Idle.Cpu(process.Id);

    public static async Task<ServerProcess> Start(string program, string directory, CancellationToken cancel, params string[] more)
    {
        var port = FreePort.Find();
        Kubeconfig admin;
        using (var authority = ClusterCa.Open(Path.Combine(directory, "pki"))) admin = authority.CreateKubeconfig($"https://127.0.0.1:{port}", "bench", "system:masters");
        var start = Stopwatch.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo(program, ["run", "--data-dir", directory, "--listen", $"127.0.0.1:{port}", "--advertise-address", "192.0.2.1", .. more])
            { RedirectStandardError = true, Environment = { ["DOTNET_ROOT"] = Lab.Programs.DotnetRoot } })!;
        var said = process.StandardError.ReadToEndAsync(cancel);
        using var http = new HttpClient(admin.CreateHandler());
        while (!await IsReady(http, $"https://127.0.0.1:{port}/readyz", cancel))
        {
            if (process.HasExited) throw new InvalidOperationException($"controlplane ended: {await said}");
            await Task.Delay(5, cancel);
        }
        return new ServerProcess(process, port, admin, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Until it has done what start-up left to do: it uses less than a tenth of a core.</summary>
    public async Task Settle(CancellationToken cancel)
    {
        for (var i = 0; i < 60; i++)
        {
            var before = Cpu;
            await Task.Delay(1000, cancel);
            if (i >= 5 && Cpu - before < 0.1) return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<bool> IsReady(HttpClient http, string url, CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(url), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException) { return false; }
    }
}
