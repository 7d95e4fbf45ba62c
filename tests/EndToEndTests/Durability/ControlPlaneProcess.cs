using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EndToEndTests.Fixture;
using KubeApi;
using Linux;

namespace EndToEndTests.Durability;

/// <summary><c>controlplane run</c> of out/ on a port of 127.0.0.1, to be killed and started again on the same data.</summary>
internal sealed class ControlPlaneProcess(string directory) : IDisposable
{
    private static readonly string Program = $"{Repository.Root}/out/controlplane/controlplane";

    private readonly int port = FreePort.Find();
    private readonly List<string> log = [];
    private Process? process;

    public string DataDirectory => directory;

    public int Pid => process!.Id;

    /// <summary>What it said since its last start.</summary>
    public string Log { get { lock (log) return string.Join('\n', log); } }

    /// <summary>Runs another command of the program, e.g. <c>backup FILE</c>, on the same data.</summary>
    public Task<CommandResult> Command(params string[] arguments) => CommandRunner.TryRun(Program, [.. arguments, "--data-dir", directory]);

    public async Task<ApiClient> Client()
    {
        var file = Path.Combine(directory, "..", Path.GetFileName(directory) + ".kubeconfig");
        var made = await Command("kubeconfig", "admin", "--server", $"https://127.0.0.1:{port}");
        Assert.True(made.ExitCode == 0, made.Error);
        await File.WriteAllTextAsync(file, made.Output);
        return new ApiClient(Kubeconfig.Load(file), "test");
    }

    /// <param name="before">A program that becomes it, with its arguments.</param>
    public void Start(params string[] before)
    {
        process?.Dispose();
        lock (log) log.Clear();
        string[] command = [.. before, Program, "run", "--data-dir", directory, "--listen", $"127.0.0.1:{port}", "--advertise-address", "192.0.2.1"];
        process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, line) => { if (line.Data is not null) lock (log) log.Add(line.Data); };
        process.BeginErrorReadLine();
    }

    /// <summary>Until it answers.</summary>
    public async Task Listening()
    {
        while (!Log.Contains("listening on", StringComparison.Ordinal))
        {
            Assert.False(process!.HasExited, $"controlplane ended: {Log}");
            await Task.Delay(5);
        }
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> Ended()
    {
        await process!.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>SIGKILL.</summary>
    public async Task Kill()
    {
        Assert.False(process!.HasExited, $"controlplane ended by itself: {Log}");
        process.Kill();
        Assert.Equal(128 + 9, await Ended());
    }

    public void Dispose()
    {
        if (process is null) return;
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        process = null;
    }
}
