namespace NodeAgent.Logs;

/// <summary>
/// <c>/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log</c>, links to the logs by which collectors know pod, namespace and
/// container from the name alone (kubelet, legacyLogSymlink).
/// </summary>
internal static class LogLinks
{
    private const int LongestName = 251;

    /// <summary>Does without the link where it cannot be made: the log itself is what counts.</summary>
    public static void Add(NodePaths paths, string log, string ns, string pod, string container, string id)
    {
        var name = $"{pod}_{ns}_{container}-{id}";
        var link = Path.Combine(paths.LogLinks, (name.Length > LongestName ? name[..LongestName] : name) + ".log");
        try
        {
            Directory.CreateDirectory(paths.LogLinks);
            File.CreateSymbolicLink(link, log);
        }
        catch (IOException) { }
    }

    /// <summary>A link goes after its log.</summary>
    public static void RemoveDangling(NodePaths paths)
    {
        if (!Directory.Exists(paths.LogLinks)) return;
        foreach (var link in Directory.EnumerateFiles(paths.LogLinks, "*.log"))
            if (File.ResolveLinkTarget(link, returnFinalTarget: false) is { } log && log.FullName.StartsWith(paths.Logs + "/", StringComparison.Ordinal) && !File.Exists(log.FullName))
                File.Delete(link);
    }
}
