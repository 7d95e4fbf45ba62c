namespace Linux;

/// <summary>What a process does, in the kernel's one letter: R, S, D (cannot be interrupted), T (stopped), Z, … (proc(5), /proc/PID/stat).</summary>
public static class ProcessState
{
    /// <summary>
    /// Exit code (128 + signal for a signal) of a zombie, which its parent does not wait for; null of any other process.
    /// The last field, as waitpid(2) would have it.
    /// </summary>
    public static int? ExitCode(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].TrimEnd().Split(' ');
            if (fields[0] != "Z" || !int.TryParse(fields[^1], out var status)) return null;
            return (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    /// <summary>Null if there is no such process.</summary>
    public static char? Of(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }
}
