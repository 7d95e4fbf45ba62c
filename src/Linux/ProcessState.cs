namespace Linux;

/// <summary>What a process does, in the kernel's one letter: R, S, D (cannot be interrupted), T (stopped), Z, … (proc(5), /proc/PID/stat).</summary>
public static class ProcessState
{
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
