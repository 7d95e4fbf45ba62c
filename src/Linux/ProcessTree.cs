namespace Linux;

/// <summary>Processes below a process, as the kernel has them now (proc(5), /proc/PID/task/TID/children).</summary>
public static class ProcessTree
{
    /// <summary>Children and their children; none if the process is gone. Parents come before their children.</summary>
    public static IReadOnlyList<int> Below(int pid)
    {
        var found = new List<int>();
        AddChildren(pid, found);
        for (var i = 0; i < found.Count; i++) AddChildren(found[i], found);
        return found;
    }

    private static void AddChildren(int pid, List<int> found)
    {
        try
        {
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{pid}/task"))
                foreach (var child in File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    if (int.TryParse(child, out var number) && !found.Contains(number)) found.Add(number);
        }
        catch (IOException) { } // it has ended meanwhile
    }
}
