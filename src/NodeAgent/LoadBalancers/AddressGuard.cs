using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Linux;

namespace NodeAgent.LoadBalancers;

/// <summary>
/// A shell that takes this node's addresses away when the agent has not said for <see cref="Patience"/> that it is well, be it killed or
/// stuck: the other nodes do not hear it either, and take them soon after. An agent that was started meanwhile keeps them. Safe for concurrent use.
/// </summary>
/// <param name="record">A file with the process id of the agent whose addresses they are.</param>
internal sealed class AddressGuard(NetworkNamespace inside, string record, TimeSpan? patience = null)
{
    /// <summary>Longer than an agent takes to start, and shorter than other nodes leave alone what a machine answers for (<see cref="Liveness"/>).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private const long BeatEveryMilliseconds = 1000;

    /// <summary>"read" fails with a code above 128 when nothing comes for so long, and else at once when the agent's end of the pipe is closed.</summary>
    private const string Script = """
        while read -r -t "$1" line || { code=$?; false; }; do :; done
        [ $code -gt 128 ] || sleep "$1"
        [ "$(cat "$2")" = "$3" ] || exit 0
        exec ip -4 address flush label "*$4"
        """;

    private readonly Lock gate = new();
    private Process? shell;
    private long last;

    /// <summary>The addresses are this process's from now on, and not those of one before.</summary>
    public void Own() => File.WriteAllText(record, $"{Environment.ProcessId}");

    /// <summary>The agent is well. Starts the shell where it does not run.</summary>
    public void Beat()
    {
        lock (gate)
        {
            if (Environment.TickCount64 - last < BeatEveryMilliseconds) return;
            last = Environment.TickCount64;
            try
            {
                if (shell is not { HasExited: false }) Start();
                shell!.StandardInput.WriteLine();
                shell.StandardInput.Flush();
            }
            catch (Exception e) when (e is IOException or Win32Exception) { } // it has just ended, or cannot be started now: the next beat tries again
        }
    }

    private void Start()
    {
        shell?.Dispose();
        var seconds = (patience ?? Patience).TotalSeconds.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("/bin/bash", ["-c", Script, "na-lb", seconds, record, $"{Environment.ProcessId}", LinkAddresses.Ending]) { RedirectStandardInput = true };
        shell = inside.Run(() => Process.Start(start));
    }
}
