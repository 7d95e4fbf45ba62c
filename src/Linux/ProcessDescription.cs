namespace Linux;

/// <summary>What a person wants to know of a process that does not end (proc(5)).</summary>
public static class ProcessDescription
{
    /// <summary>E.g. <c>1234 (nginx), in uninterruptible sleep in nfs_wait</c>; only the number of one that is gone.</summary>
    public static string Of(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var name = stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')];
            return $"{pid} ({name}), {State(pid, stat[stat.LastIndexOf(')') + 2])}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { return $"{pid}"; }
    }

    private static string State(int pid, char state)
    {
        if (CgroupProcesses.IsFrozen(pid)) return "frozen by its cgroup";
        var place = File.ReadAllText($"/proc/{pid}/wchan") is { Length: > 1 } function ? $" in {function}" : "";
        return state switch
        {
            'D' => $"in uninterruptible sleep{place}",
            'T' => "stopped by a signal",
            't' => "stopped by a debugger",
            'Z' => "a zombie that its parent does not wait for",
            _ => $"in state {state}{place}",
        };
    }
}
