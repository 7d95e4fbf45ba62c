using System.Globalization;
using System.IO.Compression;

namespace NodeAgent.Logs;

/// <summary>
/// Rotates one container's log: <c>N.log</c> becomes <c>N.log.TIME</c>, its writer opens a new one, what was rotated before is
/// compressed, and what is too much is removed (kubelet, pkg/kubelet/logs). Every step leaves a state that the next run,
/// perhaps of another agent, can go on from.
/// </summary>
/// <param name="maxFiles">Segments to keep, the present one included: two at least.</param>
internal sealed class LogRotator(int maxFiles)
{
    private const string Unfinished = ".tmp";

    /// <param name="reopen">Makes the container's monitor open its log anew; true once it has.</param>
    /// <exception cref="IOException">The log is as it was.</exception>
    public async Task Rotate(string log, Func<Task<bool>> reopen, DateTime now)
    {
        RemoveUnfinished(log);
        var rotated = LogSegments.Rotated(log);
        foreach (var path in rotated.SkipLast(maxFiles - 2)) File.Delete(path);
        foreach (var path in rotated.TakeLast(maxFiles - 2).Where(path => LogSegments.Plain(path) == path)) Compress(path);
        var target = $"{log}.{now.ToString(LogSegments.TimeFormat, CultureInfo.InvariantCulture)}";
        if (File.Exists(target) || File.Exists(target + LogSegments.Compressed)) return; // twice in a second: another time
        File.Move(log, target);
        if (await reopen()) return;
        // Nobody opened a new one: the old one gets its name back, so that what is written to it is found.
        if (!File.Exists(log)) File.Move(target, log);
        throw new IOException($"{log}: conmon did not open it anew");
    }

    /// <summary>What a killed agent left: a compressed file that is not whole, or the original of one that is.</summary>
    private static void RemoveUnfinished(string log)
    {
        foreach (var path in Directory.GetFiles(Path.GetDirectoryName(log)!, $"{Path.GetFileName(log)}.*{LogSegments.Compressed}{Unfinished}")) File.Delete(path);
        foreach (var path in LogSegments.Rotated(log))
            if (LogSegments.Plain(path) == path && File.Exists(path + LogSegments.Compressed)) File.Delete(path);
    }

    private static void Compress(string path)
    {
        var temporary = path + LogSegments.Compressed + Unfinished;
        using (var source = File.OpenRead(path))
        using (var target = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
        }))
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
            source.CopyTo(gzip);
        File.Move(temporary, path + LogSegments.Compressed, overwrite: true);
        File.Delete(path);
    }
}
