using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Linux;

/// <summary>runc or conmon refused; the message is theirs, without their log decoration.</summary>
public sealed partial class OciRuntimeException(string message) : Exception(message)
{
    /// <summary>Takes the messages out of logrus lines such as <c>time="..." level=error msg="..."</c>.</summary>
    internal static string PlainText(string log)
    {
        var messages = LogMessage().Matches(log).Select(match => Regex.Unescape(match.Groups[1].Value)).ToList();
        return messages.Count == 0 ? log.Trim() : string.Join("; ", messages);
    }

    [GeneratedRegex("""msg="((?:[^"\\]|\\.)*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex LogMessage();
}

/// <summary>One container to create: its bundle is a directory with <c>config.json</c>.</summary>
/// <param name="LogPath">Gets the output in the CRI log format.</param>
/// <param name="Stdin">Keep standard input open for a client that attaches.</param>
public sealed record OciContainer(string Id, string Bundle, string LogPath, bool Terminal = false, bool Stdin = false, bool StdinOnce = false);

/// <summary>What runc knows of a container. Status is created, running, paused or stopped.</summary>
public sealed record OciContainerState(string Id, int Pid, string Status, string Bundle);

/// <summary>How a container ended: exit code (128 + signal for a signal), and whether the kernel killed it for lack of memory.</summary>
public sealed record OciExit(int ExitCode, bool OomKilled, DateTime FinishedAt);

/// <summary>
/// Containers through conmon and runc. Creating and starting are two steps; both ends of a container's life are in
/// files of its bundle, so nothing is lost while the caller does not run. Needs no memory of its own.
/// </summary>
/// <param name="root">runc's state directory, on a tmpfs.</param>
/// <param name="exitDirectory">Where conmon leaves a file named by the container's id when that ends; to be watched.</param>
/// <param name="runc">The program itself.</param>
public sealed partial class OciRuntime(string root, string exitDirectory, string runc = OciRuntime.Runc)
{
    public const string Runc = "/usr/sbin/runc";

    /// <summary>As the kubelet's --runtime-request-timeout: a runc that hangs must not hold up others for ever.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>runc itself gives processes ten seconds to end.</summary>
    private static readonly TimeSpan LongestDelete = TimeSpan.FromSeconds(15);

    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };

    public string ExitDirectory => exitDirectory;

    /// <summary>Creates the container, its process waiting to be started.</summary>
    /// <returns>The process id in the caller's PID namespace.</returns>
    /// <exception cref="OciRuntimeException">With runc's words; nothing is left behind.</exception>
    public async Task<int> Create(OciContainer container, CancellationToken cancel)
    {
        Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(exitDirectory);
        var arguments = new List<string>
        {
            "conmon", "--api-version", "1", "--cid", container.Id, "--cuuid", container.Id, "--name", container.Id,
            "--runtime", runc, "--runtime-arg", "--root", "--runtime-arg", root,
            "--bundle", container.Bundle, "--persist-dir", container.Bundle, "--exit-dir", exitDirectory,
            "--container-pidfile", Path.Combine(container.Bundle, "pid"), "--conmon-pidfile", ConmonPidFile(container.Bundle),
            "--log-path", $"k8s-file:{container.LogPath}", "--log-level", "warn", "--full-attach", "--no-new-keyring",
        };
        if (container.Terminal) arguments.Add("--terminal");
        if (container.Stdin) arguments.Add("--stdin");
        if (container.Stdin && !container.StdinOnce) arguments.Add("--leave-stdin-open");
        try
        {
            return await Within("create", limit => Conmon.Spawn(arguments, Path.Combine(container.Bundle, "conmon.log"), ConmonPidFile(container.Bundle), limit), cancel);
        }
        catch
        {
            await Delete(container.Id, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Lets a created container's process go on to its command.</summary>
    /// <exception cref="OciRuntimeException">With runc's words.</exception>
    public async Task Start(string id, CancellationToken cancel)
    {
        var result = await RunRunc(["start", id], cancel);
        if (result.ExitCode != 0) throw Refused(result);
    }

    /// <summary>Kills what still runs and removes the container and its cgroup, without runc where that hangs; not finding it is no error.</summary>
    /// <exception cref="OciRuntimeException">Something of it does not end; the message says what.</exception>
    public async Task Delete(string id, CancellationToken cancel)
    {
        if (!Directory.Exists(Path.Combine(root, id))) return;
        try { await RunRunc(["delete", "--force", id], cancel, LongestDelete); }
        catch (OciRuntimeException) { }
        if (Directory.Exists(Path.Combine(root, id))) await OciRemains.Remove(Path.Combine(root, id), cancel);
    }

    /// <summary>All containers under this root.</summary>
    /// <exception cref="OciRuntimeException">With runc's words.</exception>
    public async Task<IReadOnlyList<OciContainerState>> List(CancellationToken cancel)
    {
        if (!Directory.Exists(root)) return [];
        var result = await RunRunc(["list", "--format", "json"], cancel);
        if (result.ExitCode != 0) throw Refused(result);
        return JsonSerializer.Deserialize<List<OciContainerState>>(result.Output, Json) ?? [];
    }

    /// <summary>Null while the container has not ended, and where conmon was killed before it could write it down.</summary>
    public OciExit? ReadExit(string id, string bundle)
    {
        var file = new FileInfo(Path.Combine(exitDirectory, id));
        if (!file.Exists || !int.TryParse(File.ReadAllText(file.FullName).Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code)) return null;
        return new OciExit(code, File.Exists(Path.Combine(bundle, "oom")), file.LastWriteTimeUtc);
    }

    public void ForgetExit(string id)
    {
        if (Path.Combine(exitDirectory, id) is var file && File.Exists(file)) File.Delete(file);
    }

    /// <summary>The pid of the conmon of a bundle; null where there is none.</summary>
    public static int? ReadConmonPid(string bundle) =>
        File.Exists(ConmonPidFile(bundle)) && int.TryParse(File.ReadAllText(ConmonPidFile(bundle)).Trim(), out var pid) ? pid : null;

    /// <summary>Versions of runc and conmon as they print them.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">One of them is not installed.</exception>
    public static async Task<(string Runc, string Conmon)> Versions(CancellationToken cancel)
    {
        var runc = await CommandRunner.Run(Runc, ["--version"], cancel: cancel);
        var conmon = await CommandRunner.Run("conmon", ["--version"], cancel: cancel);
        return (runc.Split('\n')[0].Split(' ')[^1], conmon.Split('\n')[0].Split(' ')[^1]);
    }

    private static string ConmonPidFile(string bundle) => Path.Combine(bundle, "conmon.pid");

    /// <summary>A runc that was killed has no words.</summary>
    private static OciRuntimeException Refused(CommandResult result) =>
        new(OciRuntimeException.PlainText(result.Error) is { Length: > 0 } words ? words : $"runc ended with exit code {result.ExitCode}");

    private Task<CommandResult> RunRunc(string[] arguments, CancellationToken cancel, TimeSpan? longest = null) =>
        Within(arguments[0], limit => CommandRunner.TryRun(runc, ["--root", root, .. arguments], cancel: limit), cancel, longest);

    private static async Task<T> Within<T>(string what, Func<CancellationToken, Task<T>> work, CancellationToken cancel, TimeSpan? longest = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(longest ?? Longest);
        try { return await work(limit.Token); }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new OciRuntimeException($"runc {what} did not end within {(longest ?? Longest).TotalSeconds:0} seconds");
        }
    }
}
