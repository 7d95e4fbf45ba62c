namespace Linux;

/// <summary>What a command in a container is given of the caller's.</summary>
/// <param name="Terminal">One terminal instead of three pipes: stdin and stdout are its two directions.</param>
public sealed record OciCommand(IReadOnlyList<string> Arguments, bool Stdin, bool Stdout, bool Stderr, bool Terminal);

public sealed partial class OciRuntime
{
    /// <summary>Starts a command in a running container, as its user, with its environment and in its directory; the caller has its streams.</summary>
    /// <param name="bundle">Of the container.</param>
    /// <exception cref="OciRuntimeException">runc itself cannot be started. What runc refuses is known at the end: <see cref="ContainerProcess.Ended"/>.</exception>
    public ContainerProcess StartProcess(string id, string bundle, OciCommand command)
    {
        Directory.CreateDirectory(StreamDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var name = $"{id}.{Environment.ProcessId}.s{Interlocked.Increment(ref started)}";
        var (pidFile, log) = (Path.Combine(StreamDirectory, name), Path.Combine(bundle, $"{name[(id.Length + 1)..]}.exec.log"));
        List<string> arguments = [Runc, "--root", root, "--log", log, "exec", "--pid-file", pidFile];
        if (command.Terminal) arguments.AddRange(["--tty", "--env", $"TERM={TerminalType(bundle)}"]);
        return new ContainerProcess([.. arguments, id, .. command.Arguments], command, pidFile, log);
    }

    /// <summary>Ends commands of <see cref="StartProcess"/> whose client is gone with the process that served it. To be called before the first of them.</summary>
    public void KillAbandonedStreams() => new OciExec([Runc, "--root", root], StreamDirectory).KillAbandoned(new HashSet<string>());

    private string StreamDirectory => Path.Combine(Path.GetDirectoryName(root)!, "streams");

    private static int started;

    /// <summary>TERM is the container's, if it has one.</summary>
    private static string TerminalType(string bundle)
    {
        const string none = "xterm", entry = "\"TERM=";
        try
        {
            var config = File.ReadAllText(Path.Combine(bundle, "config.json"));
            var at = config.IndexOf(entry, StringComparison.Ordinal);
            return at < 0 ? none : config[(at + entry.Length)..config.IndexOf('"', at + entry.Length)];
        }
        catch (IOException) { return none; }
    }
}
