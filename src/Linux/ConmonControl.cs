using System.Text;

namespace Linux;

/// <summary>Messages to a running conmon by the FIFO <c>ctl</c> in its bundle: three numbers in a line (conmon, src/ctrl.c).</summary>
public static class ConmonControl
{
    private const int ReopenLogs = 2;

    /// <summary>conmon makes the new file at once when it reads the message.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5), Look = TimeSpan.FromMilliseconds(5);

    /// <summary>Makes conmon open its log anew: it writes to a file beside its place and renames it, so nothing is in two files or in none.</summary>
    /// <param name="log">Must not exist: it was renamed.</param>
    /// <returns>False if there is no conmon that listens, or it made no file in time.</returns>
    public static async Task<bool> ReopenLog(string bundle, string log, CancellationToken cancel)
    {
        if (!Send(bundle, $"{ReopenLogs} 0 0\n")) return false;
        for (var end = DateTime.UtcNow + Longest; !File.Exists(log); await Task.Delay(Look, cancel))
            if (DateTime.UtcNow > end) return false;
        return true;
    }

    private static bool Send(string bundle, string message)
    {
        // Without waiting for a reader: a conmon that has ended has none.
        var fifo = LibC.open(Path.Combine(bundle, "ctl"), LibC.O_WRONLY | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0);
        if (fifo < 0) return false;
        var bytes = Encoding.ASCII.GetBytes(message);
        var written = LibC.write(fifo, bytes[0], (nuint)bytes.Length);
        LibC.close(fifo);
        return written == bytes.Length;
    }
}
