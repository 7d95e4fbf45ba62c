using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Certificates;
using KubeApi;

namespace UnitTests;

/// <summary>The real program on 127.0.0.1, for tests that kill it and start it again on the same files.</summary>
internal sealed class ControlPlaneProgram(TemporaryDirectory directory) : IDisposable
{
    private readonly int port = FreePort.Find();
    private Process? process;

    /// <summary>Returns when it listens.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message has what it said.</exception>
    public async Task Start()
    {
        process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "controlplane"),
            ["run", "--data-dir", directory.Path, "--listen", $"127.0.0.1:{port}", "--advertise-address", "192.0.2.1"]) { RedirectStandardError = true })!;
        var lines = new List<string>();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (!line.Contains("listening on", StringComparison.Ordinal)) continue;
            _ = process.StandardError.ReadToEndAsync();
            return;
        }
        throw new InvalidOperationException($"controlplane ended: {string.Join('\n', lines)}");
    }

    /// <summary>SIGKILL; returns when it is gone.</summary>
    public async Task Kill()
    {
        process!.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>An administrator's client.</summary>
    public ApiClient Client()
    {
        using var authority = ClusterCa.Open(directory.File("pki"));
        return new ApiClient(authority.CreateKubeconfig($"https://127.0.0.1:{port}", "admin", "system:masters"), "test");
    }

    public void Dispose()
    {
        process?.Kill();
        process?.WaitForExit();
        process?.Dispose();
    }
}
