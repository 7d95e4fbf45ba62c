using System.Globalization;
using NodeAgent.Kubelet;

namespace NodeAgent.Logs;

/// <summary>Logs of containers that have ended and been started again: nobody writes to them, and a full disk can do without.</summary>
internal static class DeadLogs
{
    public static void Remove(NodePaths paths, IEnumerable<PodRecord> pods)
    {
        foreach (var pod in pods)
            foreach (var container in pod.Containers)
            {
                var directory = Path.Combine(paths.LogDirectory(pod.Namespace, pod.Name, pod.Uid), container.Name);
                if (!Directory.Exists(directory)) continue;
                foreach (var log in Directory.GetFiles(directory, "*.log"))
                    if (int.TryParse(Path.GetFileNameWithoutExtension(log), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) && attempt < container.Attempt) LogSegments.Delete(log);
            }
    }
}
