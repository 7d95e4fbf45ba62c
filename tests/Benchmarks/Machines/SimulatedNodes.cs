using System.Diagnostics;
using System.Globalization;
using Benchmarks.Api;
using ControlPlane.Certificates;

namespace Benchmarks.Machines;

/// <summary>Many <see cref="SimulatedNode"/>s in a process of their own, so that its CPU and memory are told apart from the control plane's and from the measuring client's.</summary>
internal sealed class SimulatedNodes : IAsyncDisposable
{
    /// <summary>The argument with which this program is that process; then port, directory of the authority, first number and how many.</summary>
    public const string Argument = "--simulate-nodes";

    /// <summary>An agent's mark of a kernel that it has written to; there is no kernel.</summary>
    public const string NoDirectory = "/nonexistent";

    /// <summary>As many register at a time: machines do not boot in the same millisecond.</summary>
    private const int Together = 32;

    private readonly Process process;

    private SimulatedNodes(Process process) => this.process = process;

    public double Cpu => Idle.Cpu(process.Id);

    public double Memory => Idle.Memory(process.Id);

    public static string NameOf(int number) => $"node-{number:D4}";

    public static SimulatedNodes Start(ServerProcess server, string directory, int count) => new(Process.Start(new ProcessStartInfo(Environment.ProcessPath!,
        [Argument, $"{server.Port}", directory, $"{count}"]) { RedirectStandardInput = true, Environment = { ["DOTNET_gcServer"] = "0" } })!);

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Until killed, or until who started it is gone.</summary>
    public static async Task Run(string port, string directory, string count)
    {
        var counts = new SimulationCounts();
        using var stop = new CancellationTokenSource();
        var running = new List<Task>();
        using (var authority = ClusterCa.Open(Path.Combine(directory, "pki")))
        {
            var all = int.Parse(count, CultureInfo.InvariantCulture);
            for (var number = 0; number < all; number++)
            {
                running.Add(new SimulatedNode(number, all, authority.CreateNodeKubeconfig($"https://127.0.0.1:{port}", NameOf(number)), counts, stop.Token).Run());
                if (number % Together == Together - 1) await Task.Delay(200);
            }
        }
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await Task.WhenAll(running);
    }
}
