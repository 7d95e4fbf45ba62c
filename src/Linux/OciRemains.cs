using System.Text.Json;

namespace Linux;

/// <summary>
/// What runc has made for a container, taken down without runc, where that hangs or fails: the processes in its cgroups,
/// the cgroups, and runc's state of it (libcontainer, state.json).
/// </summary>
internal static class OciRemains
{
    private const int Attempts = 20;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    /// <exception cref="OciRuntimeException">A process does not end; the message describes it.</exception>
    public static async Task Remove(string stateDirectory, CancellationToken cancel)
    {
        var groups = CgroupPaths(Path.Combine(stateDirectory, "state.json"));
        for (var attempt = 0; CgroupProcesses.Of(groups) is { Count: > 0 } left; attempt++)
        {
            if (attempt == Attempts) throw new OciRuntimeException($"killed, but does not end: process {string.Join("; process ", left.Take(3).Select(ProcessDescription.Of))}");
            CgroupProcesses.Thaw(groups);
            foreach (var pid in left) LibC.kill(pid, LibC.SIGKILL);
            await Task.Delay(Between, cancel);
        }
        foreach (var group in groups.Where(Directory.Exists)) Cgroups.RemoveTree(group);
        if (Directory.Exists(stateDirectory)) Directory.Delete(stateDirectory, recursive: true);
    }

    /// <summary>None where runc was killed before it wrote its state: then there is no process yet.</summary>
    private static IReadOnlyList<string> CgroupPaths(string state)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(state));
            return [.. json.RootElement.GetProperty("cgroup_paths").EnumerateObject().Select(path => path.Value.GetString()!).Distinct()];
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException) { return []; }
    }
}
