using System.ComponentModel;
using System.Diagnostics;
using System.Net;

namespace NodeAgent.Dns;

/// <summary>
/// A shell that waits for this process to end, however that happens, and then takes the address away: queries go to the other nodes' agents from
/// that moment, and not to a socket that nobody reads. It costs a megabyte.
/// </summary>
internal sealed class DnsGuard(IPAddress address) : IDisposable
{
    private Process? shell;

    /// <summary>Starts it where it does not run.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public void Ensure()
    {
        if (shell is { HasExited: false }) return;
        shell?.Dispose();
        // "read" ends with a line from us, or without one when the pipe closes with our end.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"read -r line && exit 0; exec ip address delete {address}/32 dev lo 2>/dev/null"]) { RedirectStandardInput = true };
        try { shell = Process.Start(start); }
        catch (Win32Exception e) { throw new IOException($"/bin/sh: {e.Message}", e); }
    }

    /// <summary>The address is somebody else's to take away now.</summary>
    public void Dispose()
    {
        if (shell is null) return;
        try
        {
            shell.StandardInput.WriteLine();
            shell.StandardInput.Close();
        }
        catch (IOException) { } // it was ended before
        shell.Dispose();
    }
}
