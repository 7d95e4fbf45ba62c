using System.Text.Json;
using System.Text.Json.Nodes;

namespace Linux;

/// <summary>What a command in a container is given of the caller's.</summary>
/// <param name="Terminal">One terminal instead of three pipes: stdin and stdout are its two directions.</param>
public sealed record OciCommand(IReadOnlyList<string> Arguments, bool Stdin, bool Stdout, bool Stderr, bool Terminal)
{
    /// <summary>Of the terminal, from its first moment on; null: not known yet.</summary>
    public (int Columns, int Rows)? Size { get; init; }
}

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
        if (!command.Terminal) return new ContainerProcess([.. arguments, id, .. command.Arguments], command, pidFile, log);
        // Only a description of the process can give its terminal a size before the command runs.
        var description = Path.ChangeExtension(log, ".json");
        WriteDescription(description, bundle, command);
        return new ContainerProcess([.. arguments, "--process", description, id], command, pidFile, log) { Description = description };
    }

    /// <summary>Ends commands of <see cref="StartProcess"/> whose client is gone with the process that served it. To be called before the first of them.</summary>
    public void KillAbandonedStreams() => new OciExec([Runc, "--root", root], StreamDirectory).KillAbandoned(new HashSet<string>());

    private string StreamDirectory => Path.Combine(Path.GetDirectoryName(root)!, "streams");

    private static int started;

    /// <summary>The container's own process with another command, in a terminal. It holds the container's environment: for root alone.</summary>
    private static void WriteDescription(string path, string bundle, OciCommand command)
    {
        try
        {
            var process = JsonNode.Parse(File.ReadAllBytes(Path.Combine(bundle, "config.json")))!["process"]!.AsObject();
            process["args"] = new JsonArray([.. command.Arguments.Select(argument => JsonValue.Create(argument))]);
            process["terminal"] = true;
            if (command.Size is var (columns, rows)) process["consoleSize"] = new JsonObject { ["height"] = rows, ["width"] = columns };
            if (process["env"] is not JsonArray environment) process["env"] = environment = [];
            if (!environment.Any(entry => ((string?)entry)?.StartsWith("TERM=", StringComparison.Ordinal) == true)) environment.Add("TERM=xterm");
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            using var writer = new Utf8JsonWriter(file);
            process.WriteTo(writer);
        }
        catch (Exception e) when (e is IOException or JsonException) { throw new OciRuntimeException($"describing the command: {e.Message}"); }
    }
}
