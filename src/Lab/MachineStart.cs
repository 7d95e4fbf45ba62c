using System.Diagnostics;
using Linux;

namespace Lab;

/// <summary>Starts <see cref="MachineInit"/> in new PID and network namespaces.</summary>
internal sealed class MachineStart : IDisposable
{
    private readonly Process process;

    private MachineStart(Process process) => this.process = process;

    /// <summary>Of the machine's process 1, as the host counts.</summary>
    public int Pid => process.Id;

    public static MachineStart Begin(string specPath)
    {
        WarmUp();
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "lab"), ["machine-init", specPath])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        };
        start.Environment["DOTNET_ROOT"] = Programs.DotnetRoot;
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // no files of the debugger's in the host's /tmp
        start.Environment["DOTNET_TieredPGO"] = "0"; // it runs once
        return new MachineStart(NamespaceThread.Run(() =>
        {
            LibC.Check(LibC.unshare(LibC.CLONE_NEWPID | LibC.CLONE_NEWNET), "unshare");
            return Process.Start(start)!;
        }));
    }

    /// <summary>
    /// With its first child process .NET starts a thread that waits for signals, and this must not happen on a thread that is in other
    /// namespaces: the pool threads that it starts would be there too.
    /// </summary>
    private static void WarmUp()
    {
        lock (WarmUpLock)
        {
            if (warm) return;
            using var child = Process.Start(new ProcessStartInfo("true"))!;
            child.WaitForExit();
            warm = true;
        }
    }

    private static readonly Lock WarmUpLock = new();
    private static bool warm;

    /// <summary>Lets the machine's programs start.</summary>
    /// <exception cref="LabException">The machine could not be made; says why.</exception>
    public async Task Finish()
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteLineAsync("go");
            process.StandardInput.Close();
        }
        catch (IOException) { } // it has ended; its error says why
        var said = (await error + await output).Trim();
        if (said.Length > 0 || process.HasExited) throw new LabException($"starting a machine failed: {said}");
    }

    public void Dispose() => process.Dispose();
}
