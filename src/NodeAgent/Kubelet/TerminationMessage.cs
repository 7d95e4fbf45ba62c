using System.Text;

namespace NodeAgent.Kubelet;

/// <summary>A container's last words (Kubernetes docs, "Customizing the termination message").</summary>
internal static class TerminationMessage
{
    private const int FileLimit = 4096, LogLimit = 2048, LogLines = 80;

    /// <summary>
    /// What it wrote to its terminationMessagePath, up to 4096 bytes; or, if it failed without a word and asks for that
    /// (FallbackToLogsOnError), the end of its log: up to 2048 bytes or 80 lines. Null: nothing.
    /// </summary>
    /// <param name="log">In CRI's format.</param>
    public static string? Of(string file, string log, string? policy, int exitCode)
    {
        var text = Read(file, FileLimit, fromEnd: false);
        if (text.Length == 0 && exitCode != 0 && policy == "FallbackToLogsOnError") text = End(CriLog.Text(Read(log, 4 * LogLimit + LogLines * 64, fromEnd: true)));
        return text.Length == 0 ? null : text;
    }

    internal static string End(string text)
    {
        var lines = text.Split('\n');
        var last = lines[^1].Length == 0 ? LogLines + 1 : LogLines; // after the last line's end there is one more, empty
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines.TakeLast(last)));
        return Encoding.UTF8.GetString(bytes.AsSpan(Math.Max(0, bytes.Length - LogLimit)));
    }

    private static string Read(string path, int most, bool fromEnd)
    {
        if (!File.Exists(path)) return "";
        using var file = File.OpenRead(path);
        if (fromEnd && file.Length > most) file.Seek(-most, SeekOrigin.End);
        var buffer = new byte[Math.Min(most, file.Length)];
        return Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
    }
}
