using System.IO.Compression;

namespace NodeAgent.Logs;

/// <summary>
/// The files of one container's log: <c>N.log</c>, which is being written, and those rotated away before it, <c>N.log.TIME</c>
/// and <c>N.log.TIME.gz</c> with TIME as yyyyMMdd-HHmmss (kubelet, pkg/kubelet/logs/container_log_manager.go).
/// </summary>
internal static class LogSegments
{
    public const string Compressed = ".gz";
    public const string TimeFormat = "yyyyMMdd-HHmmss";

    /// <summary>Paths, oldest first. One that is being compressed is there in its old form only.</summary>
    public static List<string> Rotated(string log)
    {
        if (Path.GetDirectoryName(log) is not { } directory || !Directory.Exists(directory)) return [];
        var paths = Directory.GetFiles(directory, Path.GetFileName(log) + ".*").Where(path => path.Length > log.Length && IsTime(path.AsSpan(log.Length + 1))).ToHashSet();
        return [.. paths.Where(path => !path.EndsWith(Compressed, StringComparison.Ordinal) || !paths.Contains(Plain(path))).Order(StringComparer.Ordinal)];
    }

    /// <summary>The name that a segment had before it was compressed; it orders them.</summary>
    public static string Plain(string path) => path.EndsWith(Compressed, StringComparison.Ordinal) ? path[..^Compressed.Length] : path;

    public static Stream Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return path.EndsWith(Compressed, StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>Removes the log with all that was rotated away from it.</summary>
    public static void Delete(string log)
    {
        foreach (var path in Rotated(log)) File.Delete(path);
        if (Directory.Exists(Path.GetDirectoryName(log))) File.Delete(log);
    }

    /// <summary>yyyyMMdd-HHmmss, perhaps with .gz.</summary>
    private static bool IsTime(ReadOnlySpan<char> suffix)
    {
        if (suffix.EndsWith(Compressed)) suffix = suffix[..^Compressed.Length];
        if (suffix.Length != TimeFormat.Length) return false;
        for (var i = 0; i < suffix.Length; i++)
            if (i == 8 ? suffix[i] != '-' : !char.IsAsciiDigit(suffix[i])) return false;
        return true;
    }
}
