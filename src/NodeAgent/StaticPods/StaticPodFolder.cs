using KubeApi.Objects;

namespace NodeAgent.StaticPods;

/// <summary>
/// The folder of static pods' manifests, read anew at each look. A file that has turned bad changes nothing: its pod
/// stays as it was, and the file is named once.
/// </summary>
/// <param name="tell">A file that makes no pod, and why.</param>
internal sealed class StaticPodFolder(string directory, string node, Action<string, string> tell)
{
    private const long LongestFile = 10 * 1024 * 1024;

    private readonly Dictionary<string, Pod> lastGood = [];
    private readonly Dictionary<string, string> told = [];

    /// <summary>The pod of the file that was read last; null where it was bad, and its pod is remembered from before.</summary>
    private Pod? fresh;

    private IReadOnlyList<Pod> last = [];

    /// <summary>One pod a file, no name twice. Files whose names begin with a dot, and folders, are left alone.</summary>
    public IReadOnlyList<Pod> Read()
    {
        var pods = new Dictionary<string, (Pod Pod, string Path)>();
        if (Files() is not { } paths) return last;
        foreach (var path in paths)
        {
            if (Read(path) is not { } pod) continue;
            if (!pods.TryAdd(pod.Key, (pod, path))) Tell(path, $"pod {pod.Key} is made by {pods[pod.Key].Path} already");
            else if (ReferenceEquals(pod, fresh)) told.Remove(path);
        }
        foreach (var gone in lastGood.Keys.Concat(told.Keys).Except(paths).ToList())
        {
            lastGood.Remove(gone);
            told.Remove(gone);
        }
        return last = [.. pods.Values.Select(entry => entry.Pod)];
    }

    /// <summary>Null: the folder cannot be read now, which ends no pod.</summary>
    private List<string>? Files()
    {
        try { return [.. Directory.GetFiles(directory).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)]; }
        catch (DirectoryNotFoundException) { return []; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(directory, e.Message);
            return null;
        }
    }

    private Pod? Read(string path)
    {
        fresh = null;
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > LongestFile) throw new FormatException($"it is longer than {LongestFile} bytes");
            var content = new byte[file.Length];
            file.ReadExactly(content);
            var pod = StaticPodManifest.Read(path, content, node);
            return lastGood[path] = fresh = pod;
        }
        catch (FileNotFoundException)
        {
            return null; // gone since it was listed, or a link to nowhere
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            Tell(path, e.Message);
            return lastGood.GetValueOrDefault(path);
        }
    }

    private void Tell(string path, string problem)
    {
        if (told.GetValueOrDefault(path) == problem) return;
        told[path] = problem;
        tell(path, problem);
    }
}
