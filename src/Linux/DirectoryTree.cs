using System.Diagnostics;
using System.Text;

namespace Linux;

/// <summary>
/// Directories that others have filled. What .NET cannot name (bytes that are no UTF-8, paths longer than PATH_MAX) it can neither
/// delete nor look at; rm(1) and du(1) walk by descriptors and can.
/// </summary>
public static class DirectoryTree
{
    /// <summary>Deletes it with everything in it, whatever that is called. Not finding it is no error; symbolic links are not followed.</summary>
    /// <exception cref="IOException">Something cannot be deleted, or is mounted in it; with rm's words.</exception>
    public static void Delete(string directory)
    {
        if (!Directory.Exists(directory)) return;
        try
        {
            Directory.Delete(directory, recursive: true);
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { } // an empty path is .NET's word for one too long
        var (exitCode, _, error) = Run("rm", ["-rf", "--one-file-system", "--", directory]);
        if (exitCode != 0) throw new IOException(error.Split('\n')[0]);
    }

    /// <summary>As <see cref="DiskUsage.Of"/>, by du(1).</summary>
    internal static (long Bytes, long Files) Usage(string directory) => (Sum("--block-size=1", directory), Sum("--inodes", directory));

    private static long Sum(string what, string directory)
    {
        var (_, output, _) = Run("du", ["--summarize", "--one-file-system", what, "--", directory]); // it says a sum also where something went meanwhile
        return long.TryParse(output.Split('\t')[0], out var sum) ? sum : 0;
    }

    /// <summary>Of what it complains about only the beginning is kept: that may be a line for each of a million files.</summary>
    private static (int ExitCode, string Output, string Error) Run(string program, string[] arguments)
    {
        const int most = 4096;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = new StringBuilder();
        process.ErrorDataReceived += (_, line) =>
        {
            if (error.Length < most) error.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.ToString());
    }
}
