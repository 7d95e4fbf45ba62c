using System.Globalization;

namespace Linux;

/// <summary>
/// A process that cannot be mistaken for a later one with the same number: pid and start time in clock ticks since
/// boot (proc(5), /proc/PID/stat field 22).
/// </summary>
public sealed record ProcessIdentity(int Pid, ulong StartTime)
{
    /// <summary>USER_HZ, 100 on every architecture that .NET runs on.</summary>
    private const int ClockTicks = 100;

    /// <summary>Null if there is no such process, or only its zombie.</summary>
    public static ProcessIdentity? Of(int pid)
    {
        try
        {
            // The command's name is in parentheses and may hold blanks and parentheses itself.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new ProcessIdentity(pid, ulong.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>By the clock of the wall, UTC, to a few hundredths of a second.</summary>
    public DateTime StartedAt => DateTime.UtcNow - TimeSpan.FromMilliseconds(Environment.TickCount64) + TimeSpan.FromSeconds(StartTime / (double)ClockTicks);

    public bool IsAlive => Of(Pid) == this;

    /// <summary>Does nothing if the process is gone.</summary>
    public void Signal(int signal)
    {
        if (IsAlive) LibC.kill(Pid, signal);
    }

    /// <summary>SIGKILL; a process that its cgroup's freezer holds is let go for it, since a frozen one (cgroup v1) does not take it.</summary>
    public void Kill()
    {
        Signal(LibC.SIGKILL);
        if (IsAlive) CgroupProcesses.Thaw(Pid);
    }
}
